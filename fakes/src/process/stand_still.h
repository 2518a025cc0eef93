// Stops this process as SIGSTOP does, but not for ever.

#pragma once

#include <cstdint>

namespace zlayer::fakes::daemon {

/// Forks a child, then stops this process with SIGSTOP. The child sends SIGCONT at `due_ns`
/// (monotonic), or at the end of the lifetime, if it has one and that is earlier: the lifetime's
/// SIGALRM has no effect on a stopped process. Returns when this process runs again, no matter who
/// continued it, and has reaped the child. Returns false, with errno, when the child could not be
/// started; the process was then not stopped. May be called from any thread.
bool StandStillUntil(std::int64_t due_ns);

}  // namespace zlayer::fakes::daemon
