// Whether a sidecar is usable, kept by those who notice its end.

#pragma once

#include <atomic>
#include <functional>
#include <utility>

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
    State expected = State::starting;
    return state_.compare_exchange_strong(expected, State::alive);
  }
  /// It ended by itself.
  void Lose() {
    State expected = State::alive;
    if (state_.compare_exchange_strong(expected, State::lost)) {
      if (on_lost_) on_lost_();
      return;
    }
    expected = State::starting;
    state_.compare_exchange_strong(expected, State::lost);
  }
  /// We let it go.
  void Release() {
    State expected = State::alive;
    state_.compare_exchange_strong(expected, State::released);
  }

 private:
  enum class State { starting, alive, lost, released };

  std::atomic<State> state_{State::starting};
  const std::function<void()> on_lost_;
};

}  // namespace zlayer::sidecar
