// Copies bytes between an accepted TLS connection and a plain socket to the gRPC server.

#pragma once

#include "fakes/src/tls/openssl_types.h"

namespace zlayer::fakes::daemon {

/// Eventfds that end a pump when they become readable.
struct PumpEnds {
  int hang_up;  ///< send what the plain side has written, then end as if it had closed
  int stop;     ///< end at once
};

/// Why a pump ended: who closed first, or `stop` became readable.
enum class PumpEnd { client, server, stopped };

/// Copies in both directions until the plain side has closed, the TLS connection can no longer be
/// written, or an event comes. When the plain side closes, all that it wrote, and then
/// close_notify, has been sent. Both sockets must be non-blocking. Runs on the connection's thread.
PumpEnd Pump(SSL* ssl, int plain, const PumpEnds& ends);

/// Closes a TCP connection without losing sent bytes: sends FIN, then reads and drops what the peer
/// still sends, for at most one second. Without this, close(2) with unread bytes would make the
/// kernel send RST, and the peer could lose the last TLS alert.
void CloseGently(int socket, int stop_fd);

}  // namespace zlayer::fakes::daemon
