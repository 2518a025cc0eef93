#include "lifecycle/src/base/ready_set.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <utility>
#include <vector>

#include "lifecycle/src/base/make_error.h"

namespace zlayer::sidecar {
namespace {

/// Between two looks at descriptors that epoll does not watch.
constexpr int kTickMs = 20;

/// The longest wait. epoll_wait(2) does not notice that its descriptor has been closed, and an
/// eventfd that has been closed wakes nobody.
constexpr int kLongestWaitMs = 1000;

int Shorter(int timeout_ms, int limit_ms) {
  return timeout_ms < 0 || timeout_ms > limit_ms ? limit_ms : timeout_ms;
}

epoll_event Event(int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  return event;
}

}  // namespace

Result<std::unique_ptr<ReadySet>> ReadySet::Open() {
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) {
    return Fail(ErrorKind::spawn_failed, "the supervisor cannot make its epoll: {}",
                ErrnoText(errno));
  }
  UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) {
    return Fail(ErrorKind::spawn_failed, "the supervisor cannot make its eventfd: {}",
                ErrnoText(errno));
  }
  epoll_event event = Event(wake.get(), EPOLLIN);
  if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, wake.get(), &event) != 0) {
    return Fail(ErrorKind::spawn_failed, "the supervisor cannot watch its eventfd: {}",
                ErrnoText(errno));
  }
  return std::unique_ptr<ReadySet>(new ReadySet(std::move(epoll), std::move(wake)));
}

ReadySet::~ReadySet() {
  if (Intact()) return;
  // The numbers may be the host's by now.
  epoll_.release();
  wake_.release();
}

/// EEXIST: the host has closed a descriptor of that number, and a process that it forked still
/// holds the file.
bool ReadySet::Register(int fd, std::uint32_t events) const {
  epoll_event event = Event(fd, events);
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0 ||
         (errno == EEXIST && ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) == 0);
}

void ReadySet::Add(int fd, std::uint32_t events, Ready ready) {
  const bool registered = !lost_ && Register(fd, events);
  watched_[fd] = {events, std::make_shared<Ready>(std::move(ready)), registered};
  if (!registered) ++unregistered_;
}

void ReadySet::Change(int fd, std::uint32_t events) {
  const auto found = watched_.find(fd);
  if (found == watched_.end()) return;
  Watched& watched = found->second;
  watched.events = events;
  if (!watched.registered) return;
  epoll_event event = Event(fd, events);
  watched.registered = !lost_ && ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) == 0;
  if (!watched.registered) ++unregistered_;
}

void ReadySet::Remove(int fd) {
  const auto found = watched_.find(fd);
  if (found == watched_.end()) return;
  if (!found->second.registered) --unregistered_;
  watched_.erase(found);
  if (!lost_) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

void ReadySet::Call(int fd, std::uint32_t epoll_events) {
  const auto found = watched_.find(fd);
  if (found == watched_.end()) return;  // an earlier callback of this round has removed it
  const std::shared_ptr<Ready> ready = found->second.ready;
  (*ready)(epoll_events);
}

void ReadySet::Wait(int timeout_ms) {
  if (lost_) return WaitForTick(timeout_ms);
  std::array<epoll_event, 64> events;
  const int limit = Shorter(timeout_ms, unregistered_ > 0 ? kTickMs : kLongestWaitMs);
  const int ready =
      ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), limit);
  if (ready < 0 && errno != EINTR) return WaitForTick(timeout_ms);
  if (ready == 0) Intact();
  for (int i = 0; i < ready; ++i) {
    const auto& event = events[static_cast<size_t>(i)];
    if (event.data.fd == wake_.get()) {
      eventfd_t count = 0;
      ::eventfd_read(wake_.get(), &count);
    } else {
      Call(event.data.fd, event.events);
    }
  }
  if (unregistered_ > 0) CallWatched(false);
}

/// Stands in for epoll_wait(2) where it fails.
void ReadySet::WaitForTick(int timeout_ms) {
  Intact();
  {
    std::unique_lock lock(mutex_);
    woken_changed_.wait_for(lock, std::chrono::milliseconds(Shorter(timeout_ms, kTickMs)),
                            [this] { return woken_; });
    woken_ = false;
  }
  CallWatched(true);
}

/// Without `all`: only those that epoll does not watch.
void ReadySet::CallWatched(bool all) {
  std::vector<int> fds;
  for (const auto& [fd, watched] : watched_) {
    if (all || !watched.registered) fds.push_back(fd);
  }
  for (const int fd : fds) {
    const auto found = watched_.find(fd);
    if (found == watched_.end()) continue;  // an earlier callback of this round has removed it
    Watched& watched = found->second;
    if (!watched.registered && !lost_ && Register(fd, watched.events)) {
      watched.registered = true;
      --unregistered_;
    } else {
      Call(fd, watched.events);
    }
  }
}

void ReadySet::Wake() {
  // EAGAIN: so many wakes are pending already that the counter is full.
  if (!lost_ && (::eventfd_write(wake_.get(), 1) == 0 || errno == EAGAIN)) return;
  const std::lock_guard lock(mutex_);
  woken_ = true;
  woken_changed_.notify_one();
}

bool ReadySet::Intact() const {
  if (lost_) return false;
  epoll_event event = Event(wake_.get(), EPOLLIN);
  // Fails if either descriptor is closed, and also if its number is another file by now.
  const int result = ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, wake_.get(), &event);
  if (result != 0 && (errno == EBADF || errno == ENOENT || errno == EINVAL || errno == EPERM)) {
    lost_ = true;
  }
  return !lost_;
}

}  // namespace zlayer::sidecar
