// Ends every process below this one.

#pragma once

#include <cstdint>

namespace zlayer::fakes::daemon {

/// Kills all children by SIGKILL and reaps them, again and again until none is left: when a child
/// dies, its own children become children of this process, which must be a subreaper. Gives up at
/// `deadline_ns` (monotonic), because a process may wait in the kernel and not die, or belong to
/// another user. SIGCHLD must be readable from `children`, a signalfd. Async-signal-safe.
void EndChildren(int children, std::int64_t deadline_ns);

}  // namespace zlayer::fakes::daemon
