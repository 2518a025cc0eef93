// The daemon after its handshake line.

#pragma once

#include "fakes/src/peer/peer.h"
#include "fakes/src/tls/tls_server.h"

namespace zlayer::fakes {

/// Accepts and serves until a stop signal or the idle limit, then drains. Ends the process.
[[noreturn]] void Serve(Start& start, const Peer& peer, const TlsServer& tls,
                        const ScriptSource& scripts);

/// Listens and accepts nothing until a stop signal. Ends the process.
[[noreturn]] void Stall(Start& start);

}  // namespace zlayer::fakes
