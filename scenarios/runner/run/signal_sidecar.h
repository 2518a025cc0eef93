// Signals that the runner sends to the sidecar, as an operator or the kernel would (kill_sidecar).

#pragma once

#include <sys/types.h>

#include "scenarios/runner/world/world.h"

namespace zlayer::scenarios {

/// The pid of the fake that was started last, from the journal; 0 when none was.
pid_t LastSidecar(const Journal& journal);

/// Signals the fake that was started last. Its pid is taken from the journal, because behind a
/// wrapper the client's child is another process. After SIGKILL it waits until the fake has ended:
/// until then the fake's port still takes connections. False when no fake of this world is alive.
bool SignalSidecar(const World& world, int number);

}  // namespace zlayer::scenarios
