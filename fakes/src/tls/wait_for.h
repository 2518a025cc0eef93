// Waits for a socket, or until the connection's thread must stop.

#pragma once

#include <poll.h>

#include <cstdint>
#include <limits>

#include "fakes/src/base/monotonic.h"

namespace zlayer::fakes::daemon {

/// Until when the thread of a connection waits: until `stop_fd` is readable, or until the deadline
/// (monotonic ns; by default never).
struct WaitLimit {
  // NOLINTNEXTLINE(google-explicit-constructor): most waits have no deadline
  WaitLimit(int fd, std::int64_t deadline = std::numeric_limits<std::int64_t>::max())
      : stop_fd(fd), deadline_ns(deadline) {}

  int TimeoutMs() const {
    return deadline_ns == std::numeric_limits<std::int64_t>::max() ? -1
                                                                   : MillisecondsUntil(deadline_ns);
  }

  int stop_fd;
  std::int64_t deadline_ns;
};

/// Waits until `socket` has one of `events`. False when the limit came first.
inline bool WaitFor(int socket, short events, const WaitLimit& limit) {
  pollfd fds[] = {{.fd = socket, .events = events, .revents = 0},
                  {.fd = limit.stop_fd, .events = POLLIN, .revents = 0}};
  int ready = 0;
  while ((ready = poll(fds, 2, limit.TimeoutMs())) < 0 ||
         (ready == 0 && MonotonicNs() < limit.deadline_ns)) {
  }
  return ready > 0 && fds[1].revents == 0;
}

}  // namespace zlayer::fakes::daemon
