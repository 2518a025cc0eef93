// Deadlines as points in monotonic time.
//
// A time limit becomes a deadline once, where it begins. Every later step takes that deadline, so
// that all steps together keep the limit.

#pragma once

#include <chrono>

namespace zlayer::sidecar {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;

/// The time left as a timeout of poll(2) or epoll_wait(2); 0 once the deadline has passed. Rounded
/// up, so that a wait never ends before the deadline; at most 10^9 ms (11 days), to fit an int.
inline int MillisecondsUntil(Deadline deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
  if (left.count() <= 0) return 0;
  return left.count() > 1'000'000'000 ? 1'000'000'000 : static_cast<int>(left.count());
}

}  // namespace zlayer::sidecar
