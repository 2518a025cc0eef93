#include "lifecycle/src/base/unowned_loops.h"

#include <utility>

#include "lifecycle/src/base/deadline.h"

namespace zlayer::sidecar {
namespace {

/// A thread that is told to leave needs one round of its loop. More than that must not hold up the
/// exit of the host.
constexpr std::chrono::seconds kLeaves{1};

}  // namespace

UnownedLoops& UnownedLoops::Of() {
  static auto* const loops = new UnownedLoops;
  static const AtExit at_exit;
  return *loops;
}

UnownedLoops::AtExit::~AtExit() {
  if (::getpid() != process) return;
  {
    const std::lock_guard lock(Of().mutex_);
    Of().exiting_ = true;
    for (const auto& [loop, leave] : Of().loops_) leave();
  }
  Of().AwaitThemAtExit();
}

void UnownedLoops::Add(const void* loop, std::function<void()> leave) {
  const std::lock_guard lock(mutex_);
  ++threads_;
  if (exiting_) leave();
  loops_.emplace(loop, std::move(leave));
}

void UnownedLoops::Remove(const void* loop) {
  const std::lock_guard lock(mutex_);
  loops_.erase(loop);
}

void UnownedLoops::Removed() {
  const std::lock_guard lock(mutex_);
  --threads_;
  changed_.notify_all();
}

void UnownedLoops::AwaitThemAtExit() {
  std::unique_lock lock(mutex_);
  if (!exiting_) return;
  changed_.wait_until(lock, DeadlineIn(kLeaves), [this] { return threads_ == 0; });
}

}  // namespace zlayer::sidecar
