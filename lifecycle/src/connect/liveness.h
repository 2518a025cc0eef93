// The state of one sidecar, kept by those who notice its end.
//
//   starting -> alive      Prove, on the thread of the start: the first RPC was answered
//   any      -> leaving    Leave, on the loop's thread: the server has sent GOAWAY, or nothing more
//                          can reach it. It takes no new call; those under way may be answered.
//   any      -> lost       Lose, on the loop's thread: the connection or the process has ended
//   any      -> released   Release, in the destructor of Sidecar
//
// lost and released are final: the first of the two stays. A sidecar that is released while it is
// leaving becomes lost.

#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>

#include "lifecycle/src/base/deadline.h"

namespace zlayer::sidecar {

/// Thread-safety: any thread. The Sidecar and the loop's callbacks own it together, because either
/// may outlive the other.
class Liveness {
 public:
  bool alive() const { return state_.load(std::memory_order_acquire) == State::alive; }

  /// Whether it has announced its end and the end itself is not known yet.
  bool leaving() const { return state_.load(std::memory_order_acquire) == State::leaving; }

  /// Whether it ended by itself, or began to, before we let it go.
  bool lost() const { return state_.load(std::memory_order_acquire) == State::lost; }

  /// It has answered its first RPC. False if it has ended since. `on_lost` runs at most once,
  /// inside Lose, and only for a sidecar that was alive.
  bool Prove(std::function<void()> on_lost) {
    const std::lock_guard lock(mutex_);
    if (state_ != State::starting) return false;
    on_lost_ = std::move(on_lost);
    state_ = State::alive;
    return true;
  }
  /// It will end by itself.
  void Leave() {
    if (Become(State::leaving) == State::alive && on_lost_) on_lost_();
  }
  /// It has ended by itself.
  void Lose() {
    if (Become(State::lost) == State::alive && on_lost_) on_lost_();
  }
  /// We let it go.
  void Release() { Become(leaving() ? State::lost : State::released); }

  /// Blocks until Lose or Release has been called; false if neither was by `deadline`.
  bool WaitForEnd(Deadline deadline) {
    std::unique_lock lock(mutex_);
    return ended_.wait_until(lock, deadline, [this] { return HasEnded(state_); });
  }

 private:
  enum class State { starting, alive, leaving, lost, released };

  static bool HasEnded(State state) { return state == State::lost || state == State::released; }

  /// Returns the state before.
  State Become(State next) {
    // state_ is atomic for its readers. The lock is for WaitForEnd, which could miss the change.
    const std::lock_guard lock(mutex_);
    const State before = state_;
    if (!HasEnded(before)) state_ = next;
    ended_.notify_all();
    return before;
  }

  std::mutex mutex_;
  std::condition_variable ended_;
  std::atomic<State> state_{State::starting};
  std::function<void()> on_lost_;  // set before the state is alive, and then unchanged
};

}  // namespace zlayer::sidecar
