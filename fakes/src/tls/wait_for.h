// Waiting for one socket, or for the order to stop.

#pragma once

#include <poll.h>

namespace zlayer::fakes {

/// False when `stop_fd` became readable first.
inline bool WaitFor(int socket, short events, int stop_fd) {
  pollfd fds[] = {{.fd = socket, .events = events, .revents = 0},
                  {.fd = stop_fd, .events = POLLIN, .revents = 0}};
  while (poll(fds, 2, -1) < 0) {
  }
  return fds[1].revents == 0;
}

}  // namespace zlayer::fakes
