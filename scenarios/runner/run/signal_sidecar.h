// Signals to the sidecar that come from somebody else than its client.

#pragma once

#include <sys/types.h>

#include "scenarios/runner/world/world.h"

namespace zlayer::scenarios {

/// The process of the fake that was started last; 0: none was.
pid_t LastSidecar(const Journal& journal);

/// Signals the fake that was started last: behind a wrapper it is not the process that the client
/// knows. After SIGKILL its end is awaited: until then its port still takes connections. False when
/// there is none.
bool SignalSidecar(const World& world, int number);

}  // namespace zlayer::scenarios
