// Stopping this process as SIGSTOP does, without leaving it so for ever.

#pragma once

#include <cstdint>

namespace zlayer::fakes {

/// Stops this process; a child continues it at `due_ns` (monotonic), but not later than the
/// lifetime, whose alarm a stopped process would not notice. Returns when this process goes on,
/// whoever continued it, with the child reaped. False, with errno: there is no child, and nothing
/// was stopped. From any thread.
bool StandStillUntil(std::int64_t due_ns);

}  // namespace zlayer::fakes
