// How a fault waits. The same fault may run in the start, on the main thread, or in a background
// thread while the daemon serves; a Waiter hides the difference.
//
//   if (wait(fd, POLLOUT, kNoDeadline) == Woke::stop) return;

#pragma once

#include <cstdint>
#include <functional>

#include "fakes/src/process/signals.h"

namespace zlayer::fakes::daemon {

/// Waits until `fd` (-1: none) has one of `events`, the deadline (monotonic ns) is over, or the
/// fault must stop. Callers return at once on Woke::stop.
using Waiter = std::function<Woke(int fd, short events, std::int64_t deadline_ns)>;

/// For the main thread before it serves. Never returns Woke::stop: a stop signal kills the process.
inline Waiter StartWaiter(Signals& signals) {
  return [&signals](int fd, short events, std::int64_t deadline_ns) {
    return signals.WaitOrDie(fd, events, deadline_ns);
  };
}

/// For background threads: returns Woke::stop as soon as `stop_fd` is readable.
Waiter ThreadWaiter(int stop_fd);

/// True when the fault must stop. Does not wait.
inline bool ShouldStop(const Waiter& wait) { return wait(-1, 0, 0) == Woke::stop; }

}  // namespace zlayer::fakes::daemon
