// The client's side of a TLS 1.3 handshake as records. OpenSSL makes the records, and the test
// sends them: all, some, or changed ones.
//
//   ClientFlight client(fake, port);
//   auto records = client.Answer(HealthCall());
//   records[kFinished].back() ^= 1;
//   client.Send(records);

#pragma once

#include <string>
#include <vector>

#include "fakes/fixture/unique_fd.h"
#include "fakes/src/tls/openssl_types.h"
#include "fakes/tests/fixture/fake.h"

namespace zlayer::fakes::daemon {

class ClientFlight {
 public:
  /// Index of a record in the result of Answer().
  enum Record : size_t { kCertificate, kCertificateVerify, kFinished, kCall };

  /// Connects to the fake. The client's certificate is the fake's own leaf, as in the protocol.
  ClientFlight(const Fake& fake, const std::string& port);
  ClientFlight(const ClientFlight&) = delete;  // OpenSSL's callback has the address of secret_
  ClientFlight& operator=(const ClientFlight&) = delete;

  int socket() const { return socket_.get(); }

  /// The record with the ClientHello.
  const std::string& hello() const { return hello_; }

  /// Sends the ClientHello, reads the server's answer, and returns the records that a good client
  /// would send next: one for each of its messages, and one with `call`. Sends none of them. Empty
  /// if the server's answer was not good.
  std::vector<std::string> Answer(const std::string& call);

  /// A record with this handshake message, correctly encrypted for this place in the client's
  /// order.
  std::string Sealed(Record place, const std::string& message) const;

  void Send(const std::vector<std::string>& records) const;

  /// Ends the client's direction of the stream, without a close_notify.
  void End() const;

 private:
  /// The bytes that OpenSSL has written since the last call.
  std::string Written();

  fixture::UniqueFd socket_;
  SslContextPtr context_;
  SslPtr ssl_;
  std::string hello_;
  std::string secret_;  // CLIENT_HANDSHAKE_TRAFFIC_SECRET
};

}  // namespace zlayer::fakes::daemon
