// How work waits that may be done in the start or beside serving.
//
//   if (wait(fd, POLLOUT, kNoDeadline) == Woke::stop) return;

#pragma once

#include <cstdint>
#include <functional>

#include "fakes/src/process/signals.h"

namespace zlayer::fakes {

/// As Signals::Wait: until `fd` (-1: none) has one of `events`, or the deadline (monotonic ns) is
/// over, or it is time to stop.
using Waiter = std::function<Woke(int fd, short events, std::int64_t deadline_ns)>;

/// For the main thread before it serves: never returns Woke::stop, a stop signal ends the process.
inline Waiter StartWaiter(Signals& signals) {
  return [&signals](int fd, short events, std::int64_t deadline_ns) {
    return signals.WaitOrDie(fd, events, deadline_ns);
  };
}

/// For other threads: it is time to stop when `stop_fd` is readable.
Waiter ThreadWaiter(int stop_fd);

/// Whether it is time to stop; does not wait.
inline bool IsOver(const Waiter& wait) { return wait(-1, 0, 0) == Woke::stop; }

}  // namespace zlayer::fakes
