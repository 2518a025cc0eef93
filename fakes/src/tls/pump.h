// Copies bytes between a TLS connection and a plain socket: to the gRPC server, or to the client.

#pragma once

#include <atomic>
#include <cstdint>

#include "fakes/src/tls/openssl_types.h"
#include "fakes/src/tls/tls_faults.h"

namespace zlayer::fakes::daemon {

/// How a pump ends.
struct PumpEnds {
  int hang_up;  ///< eventfd: send what the plain side has written, then end as if it had closed
  int stop;     ///< eventfd: end at once
  /// May be null. Set before the plain side's end is sent, when the TLS peer has ended without a
  /// close_notify.
  std::atomic<bool>* peer_cut = nullptr;
  /// May be null. Once set, the end of the plain side is not followed by a close_notify.
  const std::atomic<bool>* plain_cut = nullptr;
  /// Set at the TLS peer's first byte. Until then, neither `hang_up` nor the end of the plain side
  /// ends the connection, only `speaks_until_ns` (monotonic): the deployed daemon waits so long for
  /// the HTTP/2 preface, even while it stops. Null: the peer counts as one that has spoken.
  std::atomic<bool>* speaks = nullptr;
  std::int64_t speaks_until_ns = 0;
};

/// What a pump does beside copying bytes.
struct PumpWork {
  KeyUpdates key_updates = {};
  bool keeps_http2_honest = false;  ///< see http2/honest_http2.h
};

/// Why a pump ended: who closed first, or `stop` became readable.
enum class PumpEnd { client, server, stopped };

/// Copies in both directions until the plain side has closed, the TLS connection can no longer be
/// written, or an event comes. When the plain side closes, all that it wrote, and then
/// close_notify, has been sent. Both sockets must be non-blocking. Runs on the connection's thread.
PumpEnd Pump(SSL* ssl, int plain, const PumpEnds& ends, const PumpWork& work);

/// Closes a TCP connection without losing sent bytes: sends FIN, then reads and drops what the peer
/// still sends, for at most one second. Without this, close(2) with unread bytes would make the
/// kernel send RST, and the peer could lose the last TLS alert.
void CloseGently(int socket, int stop_fd);

}  // namespace zlayer::fakes::daemon
