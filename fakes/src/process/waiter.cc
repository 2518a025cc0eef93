#include "fakes/src/process/waiter.h"

#include <poll.h>

#include "fakes/src/base/monotonic.h"

namespace zlayer::fakes::daemon {

Waiter ThreadWaiter(int stop_fd) {
  return [stop_fd](int fd, short events, std::int64_t deadline_ns) {
    for (;;) {
      pollfd fds[] = {{.fd = stop_fd, .events = POLLIN, .revents = 0},
                      {.fd = fd, .events = events, .revents = 0}};
      const int timeout = deadline_ns == kNoDeadline ? -1 : MillisecondsUntil(deadline_ns);
      const int ready = poll(fds, 2, timeout);
      if (ready < 0) continue;  // EINTR
      if (fds[0].revents != 0) return Woke::stop;
      if (fds[1].revents != 0) return Woke::ready;
      if (ready == 0 && MonotonicNs() >= deadline_ns) return Woke::timeout;
    }
  };
}

}  // namespace zlayer::fakes::daemon
