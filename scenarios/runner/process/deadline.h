// A point in monotonic time. The caller makes it once and passes it down, so that several waits
// together keep one limit.

#pragma once

#include <algorithm>
#include <chrono>

namespace zlayer::scenarios {

class Deadline {
 public:
  explicit Deadline(std::chrono::milliseconds from_now)
      : at_(std::chrono::steady_clock::now() + from_now) {}

  std::chrono::steady_clock::time_point at() const { return at_; }
  bool passed() const { return std::chrono::steady_clock::now() >= at_; }

  /// Milliseconds that are left, for poll(2); 0 once passed. Rounded up: a wait that poll ends has
  /// reached the deadline.
  int poll_ms() const {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(at_ - std::chrono::steady_clock::now());
    return static_cast<int>(std::max<std::chrono::milliseconds::rep>(0, left.count()));
  }

 private:
  std::chrono::steady_clock::time_point at_;
};

}  // namespace zlayer::scenarios
