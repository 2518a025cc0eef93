#include "lifecycle/src/base/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <array>

#include "lifecycle/src/base/signals_blocked.h"

namespace zlayer::sidecar {

std::shared_ptr<EventLoop> EventLoop::Shared() {
  static std::mutex mutex;
  static std::weak_ptr<EventLoop> shared;
  const std::lock_guard lock(mutex);
  auto loop = shared.lock();
  if (!loop) {
    loop.reset(new EventLoop, [](EventLoop* finished) { finished->Finish(); });
    shared = loop;
  }
  return loop;
}

EventLoop::EventLoop()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  Watch(wake_.get(), EPOLLIN, [this](std::uint32_t) {
    eventfd_t count = 0;
    ::eventfd_read(wake_.get(), &count);
  });
  const SignalsBlocked blocked;
  thread_ = std::thread([this] { Run(); });
}

void EventLoop::Finish() {
  stopping_ = true;
  if (OnThread()) {
    deletes_itself_ = true;
    thread_.detach();
    return;
  }
  ::eventfd_write(wake_.get(), 1);
  thread_.join();
  delete this;
}

bool EventLoop::OnThread() const { return std::this_thread::get_id() == thread_.get_id(); }

void EventLoop::Post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(task));
  }
  ::eventfd_write(wake_.get(), 1);
}

void EventLoop::Watch(int fd, std::uint32_t events, Ready ready) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  watches_[fd] = std::make_shared<Ready>(std::move(ready));
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event);
}

void EventLoop::ChangeEvents(int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void EventLoop::Unwatch(int fd) {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  watches_.erase(fd);
}

EventLoop::TimerId EventLoop::At(Deadline deadline, Task task) {
  const TimerId id{deadline, ++timers_made_};
  timers_.emplace(id, std::move(task));
  return id;
}

void EventLoop::CancelTimer(TimerId id) { timers_.erase(id); }

int EventLoop::NextTimeout() const {
  return timers_.empty() ? -1 : MillisecondsUntil(timers_.begin()->first.first);
}

void EventLoop::RunPosted() {
  std::vector<Task> tasks;
  {
    const std::lock_guard lock(mutex_);
    tasks.swap(posted_);
  }
  for (Task& task : tasks) {
    task();
    task = nullptr;
  }
}

void EventLoop::RunTimers() {
  while (!timers_.empty() && timers_.begin()->first.first <= Clock::now()) {
    const Task task = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    task();
  }
}

void EventLoop::RunReady(int timeout) {
  std::array<epoll_event, 64> events;
  const int ready =
      ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout);
  for (int i = 0; i < ready; ++i) {
    const auto& event = events[static_cast<size_t>(i)];
    const auto watch = watches_.find(event.data.fd);
    if (watch == watches_.end()) continue;  // an earlier callback of this round has removed it
    const std::shared_ptr<Ready> callback = watch->second;  // a callback may remove its own watch
    (*callback)(event.events);
  }
}

void EventLoop::Run() {
  for (;;) {
    RunPosted();
    RunTimers();
    if (stopping_ && held_ == 0) {
      const std::lock_guard lock(mutex_);
      if (posted_.empty()) break;
      continue;
    }
    RunReady(NextTimeout());
  }
  if (deletes_itself_) delete this;
}

}  // namespace zlayer::sidecar
