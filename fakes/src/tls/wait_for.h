// Waits for a socket, or until the connection's thread must stop.

#pragma once

#include <poll.h>

namespace zlayer::fakes::daemon {

/// Waits without a limit until `socket` has one of `events` or `stop_fd` is readable. False when
/// `stop_fd` is readable.
inline bool WaitFor(int socket, short events, int stop_fd) {
  pollfd fds[] = {{.fd = socket, .events = events, .revents = 0},
                  {.fd = stop_fd, .events = POLLIN, .revents = 0}};
  while (poll(fds, 2, -1) < 0) {
  }
  return fds[1].revents == 0;
}

}  // namespace zlayer::fakes::daemon
