#include "lifecycle/src/base/event_loop.h"

#include <system_error>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/base/signals_blocked.h"

namespace zlayer::sidecar {

Result<std::shared_ptr<EventLoop>> EventLoop::Shared() {
  auto use = LibraryUse::Begin();  // before the lock: in a forked child it may be held for ever
  if (!use) return tl::unexpected(std::move(use.error()));
  static std::mutex mutex;
  static std::weak_ptr<EventLoop> shared;
  const std::lock_guard lock(mutex);
  if (auto loop = shared.lock()) return loop;
  auto made = Make(std::move(*use));
  if (made) shared = *made;
  return made;
}

Result<std::shared_ptr<EventLoop>> EventLoop::Make(LibraryUse use) {
  auto ready = ReadySet::Open();
  if (!ready) return tl::unexpected(std::move(ready.error()));
  auto* const loop = new EventLoop(std::move(use), std::move(*ready));
  try {
    const SignalsBlocked blocked;
    loop->thread_ = std::thread([loop] { loop->Run(); });
  } catch (const std::system_error& error) {
    delete loop;
    return Fail(ErrorKind::spawn_failed, "cannot create the supervisor's thread: {}", error.what());
  }
  return std::shared_ptr<EventLoop>(loop, [](EventLoop* finished) { finished->Finish(); });
}

void EventLoop::Finish() {
  if (InForkedChild()) return;  // the thread is the parent's
  stopping_ = true;
  if (OnThread()) {
    deletes_itself_ = true;
    thread_.detach();
    return;
  }
  ready_->Wake();
  thread_.join();
  delete this;
}

bool EventLoop::OnThread() const { return std::this_thread::get_id() == thread_.get_id(); }

void EventLoop::Post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(task));
  }
  ready_->Wake();
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

void EventLoop::Run() {
  for (;;) {
    RunPosted();
    RunTimers();
    if (stopping_ && held_ == 0) {
      const std::lock_guard lock(mutex_);
      if (posted_.empty()) break;
      continue;
    }
    ready_->Wait(NextTimeout());
  }
  if (deletes_itself_) delete this;
}

}  // namespace zlayer::sidecar
