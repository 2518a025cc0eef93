// The daemon after its handshake line: it serves, drains and exits.

#pragma once

#include "fakes/src/peer/peer.h"
#include "fakes/src/tls/tls_server.h"

namespace zlayer::fakes::daemon {

/// Accepts and serves until SIGTERM, SIGINT or the idle limit, then drains and exits. The main
/// thread accepts; `scripts` is called on gRPC's threads.
[[noreturn]] void Serve(Start& start, const Peer& peer, const TlsServer& tls,
                        const ScriptSource& scripts);

/// Keeps the socket listening but accepts nothing, until a stop signal; then exits. For
/// `handshake_bytes { then: STALL }`.
[[noreturn]] void ListenOnly(Start& start);

}  // namespace zlayer::fakes::daemon
