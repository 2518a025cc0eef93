// Whether a sidecar is usable, kept by those who notice its end.

#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>

#include "lifecycle/src/base/deadline.h"

namespace zlayer::sidecar {

/// Thread-safety: any thread. Shared by the sidecar and the loop's callbacks, whichever lives
/// longer.
class Liveness {
 public:
  explicit Liveness(std::function<void()> on_lost) : on_lost_(std::move(on_lost)) {}

  bool alive() const { return state_.load(std::memory_order_acquire) == State::alive; }

  /// Whether it ended by itself, and not because we let it go.
  bool lost() const { return state_.load(std::memory_order_acquire) == State::lost; }

  /// It has answered. False when it has ended since.
  bool Prove() {
    const std::lock_guard lock(mutex_);
    if (state_ != State::starting) return false;
    state_ = State::alive;
    return true;
  }
  /// It ended by itself.
  void Lose() {
    if (End(State::lost) == State::alive && on_lost_) on_lost_();
  }
  /// We let it go.
  void Release() { End(State::released); }

  /// False when it has not ended by `deadline`.
  bool WaitForEnd(Deadline deadline) {
    std::unique_lock lock(mutex_);
    return ended_.wait_until(lock, deadline, [this] { return HasEnded(state_); });
  }

 private:
  enum class State { starting, alive, lost, released };

  static bool HasEnded(State state) { return state == State::lost || state == State::released; }

  /// The state before. The first end counts.
  State End(State how) {
    const std::lock_guard lock(mutex_);  // or a wait could miss it
    const State before = state_;
    if (!HasEnded(before)) state_ = how;
    ended_.notify_all();
    return before;
  }

  std::mutex mutex_;
  std::condition_variable ended_;
  std::atomic<State> state_{State::starting};
  const std::function<void()> on_lost_;
};

}  // namespace zlayer::sidecar
