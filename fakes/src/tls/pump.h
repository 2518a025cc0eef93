// Carries bytes between an accepted TLS connection and a plain socket.

#pragma once

#include "fakes/src/tls/openssl_types.h"

namespace zlayer::fakes {

/// Events (eventfd) that end a pump.
struct PumpEnds {
  int hang_up;  ///< sends what the plain side has written, then ends as if it had closed
  int stop;     ///< ends at once
};

/// Both sockets are non-blocking. Returns when the plain side or the TLS connection has ended in
/// both directions, or at an event; what the plain side wrote before its end has been sent then,
/// close_notify included.
void Pump(SSL* ssl, int plain, const PumpEnds& ends);

/// Ends a TCP connection so that the peer can read all that was sent: nothing more is written, and
/// what still comes is read, for a bounded time, since closing with unread bytes would reset the
/// connection and destroy the last alert on its way.
void CloseGently(int socket, int stop_fd);

}  // namespace zlayer::fakes
