// A client's part of a TLS 1.3 handshake, made by OpenSSL and sent by the test: whole, in part, or
// forged.
//
//   ClientFlight client(fake, port);
//   auto records = client.Answer(HealthCall());
//   records[kFinished].back() ^= 1;
//   client.Send(records);

#pragma once

#include <string>
#include <vector>

#include "fakes/src/base/unique_fd.h"
#include "fakes/src/tls/openssl_types.h"
#include "fakes/tests/fixture/fake.h"

namespace zlayer::fakes {

class ClientFlight {
 public:
  /// The records of Answer().
  enum Record : size_t { kCertificate, kCertificateVerify, kFinished, kCall };

  /// Dials; presents the fake's own leaf.
  ClientFlight(const Fake& fake, const std::string& port);
  ClientFlight(const ClientFlight&) = delete;  // OpenSSL's callback holds an address
  ClientFlight& operator=(const ClientFlight&) = delete;

  int socket() const { return socket_.get(); }

  /// The record of its ClientHello.
  const std::string& hello() const { return hello_; }

  /// Sends the hello and reads what the server answers: the records that a good client sends then,
  /// one for each of its messages, and one with `call`. Empty: there was no good answer.
  std::vector<std::string> Answer(const std::string& call);

  /// This handshake message, well encrypted, as the record of this place.
  std::string Sealed(Record place, const std::string& message) const;

  void Send(const std::vector<std::string>& records) const;

  /// Its end of the stream, without a close_notify.
  void End() const;

 private:
  /// What OpenSSL has written since the last time.
  std::string Written();

  UniqueFd socket_;
  SslContextPtr context_;
  SslPtr ssl_;
  std::string hello_;
  std::string secret_;  // CLIENT_HANDSHAKE_TRAFFIC_SECRET
};

}  // namespace zlayer::fakes
