// The daemon after its handshake line: it serves, drains and exits.

#pragma once

#include "fakes/src/control/answer.h"
#include "fakes/src/faults/armed_faults.h"
#include "fakes/src/peer/peer.h"
#include "fakes/src/tls/tls_server.h"

namespace zlayer::fakes::daemon {

/// Accepts and serves until SIGTERM, SIGINT or the idle limit, then drains and exits. The main
/// thread accepts; `scripts` is called on gRPC's threads. `answers` learns how to release builds.
[[noreturn]] void Serve(Start& start, ArmedFaults& armed, Answers& answers, const TlsServer& tls,
                        const ScriptSource& scripts);

/// Keeps the socket listening but accepts nothing, until a stop signal; then exits. For
/// `handshake_bytes { then: STALL }`.
[[noreturn]] void ListenOnly(Start& start);

}  // namespace zlayer::fakes::daemon
