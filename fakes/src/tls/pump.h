// Copies bytes between an accepted TLS connection and a plain socket to the gRPC server.

#pragma once

#include <atomic>
#include <cstdint>

#include "fakes/src/tls/openssl_types.h"

namespace zlayer::fakes::daemon {

/// What ends a pump from outside. The descriptors are eventfds.
struct PumpEnds {
  int hang_up;  ///< send what the plain side has written, then end as if it had closed
  int stop;     ///< end at once
  /// Set at the TLS peer's first byte. Until then, neither `hang_up` nor the end of the plain side
  /// ends the connection, only `speaks_until_ns` (monotonic): the deployed daemon waits so long for
  /// the HTTP/2 preface, even while it stops. Null: the peer counts as one that has spoken.
  std::atomic<bool>* speaks = nullptr;
  std::int64_t speaks_until_ns = 0;
};

/// Copies in both directions until the plain side has closed, the TLS connection can no longer be
/// written, or an event comes. When the plain side closes, all that it wrote, and then
/// close_notify, has been sent. Both sockets must be non-blocking. Runs on the connection's thread.
void Pump(SSL* ssl, int plain, const PumpEnds& ends);

/// Closes a TCP connection without losing sent bytes: sends FIN, then reads and drops what the peer
/// still sends, for at most one second. Without this, close(2) with unread bytes would make the
/// kernel send RST, and the peer could lose the last TLS alert.
void CloseGently(int socket, int stop_fd);

}  // namespace zlayer::fakes::daemon
