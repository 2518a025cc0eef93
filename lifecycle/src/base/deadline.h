// Points in monotonic time. A deadline is made once, where a limit begins, and passed down.

#pragma once

#include <chrono>

namespace zlayer::sidecar {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;

/// What is left, for poll(2) and epoll_wait(2): rounded up, so that a wait never ends before the
/// deadline; 0 when it is over.
inline int MillisecondsUntil(Deadline deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
  if (left.count() <= 0) return 0;
  return left.count() > 1'000'000'000 ? 1'000'000'000 : static_cast<int>(left.count());
}

}  // namespace zlayer::sidecar
