#include "lifecycle/src/base/event_loop.h"

#include <future>
#include <system_error>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/base/unowned_loops.h"

namespace zlayer::sidecar {

Result<std::shared_ptr<EventLoop>> EventLoop::Shared() {
  auto use = LibraryUse::Begin();  // before the lock: in a forked child it may be held for ever
  if (!use) return tl::unexpected(std::move(use.error()));
  static std::mutex mutex;
  // Never destroyed: a static object of the host may call Ensure in its destructor.
  static auto& shared = *new std::weak_ptr<EventLoop>;
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
    loop->thread_ = Thread("zlayer-loop", [loop] { loop->Run(); });
  } catch (const std::system_error& error) {
    delete loop;
    return Fail(ErrorKind::spawn_failed, "cannot create the supervisor's thread: {}", error.what());
  }
  return std::shared_ptr<EventLoop>(loop, [](EventLoop* finished) { finished->Finish(); });
}

/// Only the loop's thread knows whether work is left. So this waits for its answer, which takes one
/// round of the loop, and joins a thread that has nothing to do any more.
void EventLoop::Finish() {
  if (InForkedChild()) return;  // the thread is the parent's
  if (OnThread()) return GoOnAlone();
  const auto idle = std::make_shared<std::promise<bool>>();
  auto answer = idle->get_future();
  Post([this, idle] {
    const bool no_work = held_ == 0;
    stopping_ = true;
    if (!no_work) GoOnAlone();
    idle->set_value(no_work);
  });
  if (answer.get()) {
    thread_.Join();
    delete this;
  } else {
    UnownedLoops::Of().AwaitThemAtExit();
  }
}

/// From here on the loop belongs to its thread.
void EventLoop::GoOnAlone() {
  stopping_ = true;
  deletes_itself_ = true;
  thread_.Detach();
  UnownedLoops::Of().Add(this, [this] { Post([this] { leaves_work_ = true; }); });
}

bool EventLoop::OnThread() const { return thread_.IsCurrent(); }

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
    if (stopping_ && (held_ == 0 || leaves_work_)) {
      const std::lock_guard lock(mutex_);
      if (posted_.empty()) break;
      continue;
    }
    ready_->Wait(NextTimeout());
  }
  if (!deletes_itself_) return;
  UnownedLoops::Of().Remove(this);
  if (!leaves_work_) delete this;  // else the work refers to the loop; this process is exiting
  UnownedLoops::Of().Removed();
}

}  // namespace zlayer::sidecar
