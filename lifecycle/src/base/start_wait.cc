#include "lifecycle/src/base/start_wait.h"

#include <poll.h>
#include <sys/eventfd.h>

namespace zlayer::sidecar {

StartWait::StartWait(std::stop_token stop, int pidfd)
    : stop_(stop),
      pidfd_(pidfd),
      cancelled_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      on_stop_(std::move(stop), [this] { ::eventfd_write(cancelled_.get(), 1); }) {}

Waited StartWait::For(int fd, short events, Deadline deadline) {
  for (;;) {
    // poll(2) passes over negative descriptors.
    pollfd watched[] = {{cancelled_.get(), POLLIN, 0}, {fd, events, 0}, {pidfd_, POLLIN, 0}};
    const int ready = ::poll(watched, 3, MillisecondsUntil(deadline));
    if (ready == 0 && Clock::now() >= deadline) return Waited::timeout;
    if (ready <= 0) continue;  // EINTR, or the deadline is farther away than one poll(2) can wait
    if (watched[0].revents != 0) return Waited::cancelled;
    // `fd` comes before the process's end: a peer that has died may have sent its reason.
    if (watched[1].revents != 0) return Waited::ready;
    return Waited::process_ended;
  }
}

}  // namespace zlayer::sidecar
