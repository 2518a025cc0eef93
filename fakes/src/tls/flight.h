// Sends the server's handshake messages one by one, and breaks one of them (fault `tls_handshake`).
//
// OpenSSL writes all messages of a flight at once. So a Flight lets OpenSSL write to memory, cuts
// the bytes into TLS records and sends these to the socket. Each record holds one handshake
// message.

#pragma once

#include <string>

#include "fakes/src/base/random.h"
#include "fakes/src/tls/tls_faults.h"

namespace zlayer::fakes::daemon {

/// Used by one thread, for one handshake.
class Flight {
 public:
  enum class State {
    goes_on,
    stalled,  ///< nothing more is sent
    closed,   ///< the caller must close the connection
  };

  /// Makes `ssl`, which must have a socket, write to memory. All arguments must outlive this.
  Flight(SSL* ssl, const BrokenFlight& fault, HandshakeNotes& notes);

  /// Makes `ssl` write to its socket again.
  ~Flight();

  Flight(const Flight&) = delete;
  Flight& operator=(const Flight&) = delete;

  /// Sends what OpenSSL has written since the last call. Call after each SSL_accept(). Once the
  /// result is not `goes_on`, sends nothing any more.
  State Send();

 private:
  State SendRecord(std::string record);
  State Break(std::string record);
  /// The record that replaces the message: encrypted correctly, with wrong content.
  std::string Forged();
  /// Counts the message in `record`. True when it is the message to break.
  bool HoldsTarget(const std::string& record);

  SSL* const ssl_;
  const int socket_;
  BIO* const memory_;  // owned by ssl_
  const BrokenFlight& fault_;
  const HandshakeNotes& notes_;
  Random random_;
  std::string unsent_;
  size_t messages_ = 0;          // messages that HoldsTarget() has counted
  std::uint64_t encrypted_ = 0;  // records sent with the handshake key: the next sequence number
  State state_ = State::goes_on;
};

}  // namespace zlayer::fakes::daemon
