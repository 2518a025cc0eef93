// One launch, from the flags to the end of the process.
//
// This room, daemon/, runs the fake as a daemon. Launch() opens the journal, chooses the plan, arms
// the lifetime, and arms the plan's faults (faults/armed_faults.h). It then plays the start phase
// by phase: START, load TLS, open the store, listen, BOUND, print the handshake line, LINE. Serve()
// (serve.h) accepts until a signal or the idle limit, drains and exits. With an upstream,
// in_front.h starts it behind START, and serves until it ends. connections.h carries each
// connection to the gRPC server. Invariant: until the drain, the main thread does every wait
// through Signals, so it sees a stop signal at any time. A start that works never returns; the
// process exits in leave.h. Start reading at Play() in launch.cc.

#pragma once

#include "fakes/src/base/daemon_flags.h"
#include "fakes/src/base/journal.h"

namespace zlayer::fakes::daemon {

/// Runs the daemon by the plan of this launch. Returns only when the start fails; the failure is
/// not reported yet.
Failure Launch(const DaemonFlags& flags, int argc, char* const* argv, Journal& journal);

/// For a run with `--version`: plays the fault `version_output`, if the plan has one, or runs the
/// upstream in its place, and exits. Returns when the caller must print the honest version. Errors
/// are bad input.
Result<void> PlayVersionFault(const DaemonFlags& flags, char* const* argv, Journal& journal);

}  // namespace zlayer::fakes::daemon
