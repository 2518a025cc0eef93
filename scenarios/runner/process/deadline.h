// A point of monotonic time, made once and passed down.

#pragma once

#include <algorithm>
#include <chrono>

namespace zlayer::scenarios {

class Deadline {
 public:
  explicit Deadline(std::chrono::milliseconds from_now)
      : at_(std::chrono::steady_clock::now() + from_now) {}

  bool passed() const { return std::chrono::steady_clock::now() >= at_; }

  /// What is left, rounded up, for poll(2); 0 once passed.
  int poll_ms() const {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(at_ - std::chrono::steady_clock::now());
    return static_cast<int>(std::max<std::chrono::milliseconds::rep>(0, left.count()));
  }

 private:
  std::chrono::steady_clock::time_point at_;
};

}  // namespace zlayer::scenarios
