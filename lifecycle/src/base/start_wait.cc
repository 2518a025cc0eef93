#include "lifecycle/src/base/start_wait.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <mutex>

namespace zlayer::sidecar {
namespace {

/// Between two looks at the stop token, where nothing wakes us.
constexpr int kTickMs = 20;
/// The same where the eventfd should wake us: the host may close it, or a write to it may fail.
constexpr int kLongestWaitMs = 1000;

}  // namespace

StartWait::StartWait(std::stop_token stop, int pidfd)
    : stop_(stop),
      pidfd_(pidfd),
      cancelled_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      deaf_(!cancelled_),
      on_stop_(std::move(stop), [this] { ::eventfd_write(cancelled_.get(), 1); }) {}

Waited StartWait::For(int fd, short events, Deadline deadline) {
  for (;;) {
    // poll(2) passes over negative descriptors.
    pollfd watched[] = {{cancelled_.get(), POLLIN, 0}, {fd, events, 0}, {pidfd_, POLLIN, 0}};
    if (deaf_) watched[0].fd = -1;
    const int longest = deaf_ ? kTickMs : kLongestWaitMs;
    const int ready = ::poll(watched, 3, std::min(MillisecondsUntil(deadline), longest));
    const bool interrupted = ready < 0 && errno == EINTR;
    if (stop_.stop_requested()) return Waited::cancelled;
    if (ready <= 0) {
      if (Clock::now() >= deadline) return Waited::timeout;
      if (ready < 0 && !interrupted) Pause(deadline);
      continue;
    }
    // `fd` comes before the process's end: a peer that has died may have sent its reason.
    if (watched[1].revents != 0) return Waited::ready;
    if (watched[2].revents != 0) return Waited::process_ended;
    // The eventfd, without a stop: the host has closed it, and the number may be another file.
    deaf_ = true;
  }
}

/// Where poll(2) fails: a wait for a cancel only, of at most one tick.
void StartWait::Pause(Deadline deadline) const {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  const Deadline tick = DeadlineIn(std::chrono::milliseconds(kTickMs));
  never.wait_until(lock, stop_, std::min(deadline, tick), [] { return false; });
}

}  // namespace zlayer::sidecar
