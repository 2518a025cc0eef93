// The server's handshake messages, one by one, with one of them broken.
//
// OpenSSL writes a whole flight at once. Here it writes to memory, from where its records go to the
// socket; each record of the handshake holds one message.

#pragma once

#include <string>

#include "fakes/src/base/random.h"
#include "fakes/src/tls/tls_faults.h"

namespace zlayer::fakes {

class Flight {
 public:
  enum class State {
    goes_on,
    stalled,  ///< nothing more is sent
    closed,   ///< the connection is to be closed
  };

  /// From now on `ssl`, which has a socket, writes to memory. All must outlive this.
  Flight(SSL* ssl, const BrokenFlight& fault, HandshakeNotes& notes);

  /// Lets OpenSSL write to its socket again.
  ~Flight();

  Flight(const Flight&) = delete;
  Flight& operator=(const Flight&) = delete;

  /// Sends what OpenSSL has written since the last time, up to the broken message.
  State Send();

 private:
  State SendRecord(std::string record);
  State Break(std::string record);
  std::string Forged();
  bool IsTheOne(const std::string& record);

  SSL* const ssl_;
  const int socket_;
  BIO* const memory_;  // the SSL's
  const BrokenFlight& fault_;
  const HandshakeNotes& notes_;
  Random random_;
  std::string unsent_;
  size_t messages_ = 0;          // that were looked at
  std::uint64_t encrypted_ = 0;  // records sent under the handshake's secret
  State state_ = State::goes_on;
};

}  // namespace zlayer::fakes
