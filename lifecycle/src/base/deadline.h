// Deadlines as points in monotonic time.
//
// A time limit becomes a deadline once, where it begins. Every later step takes that deadline, so
// that all steps together keep the limit.
//
//   const Deadline deadline = DeadlineIn(options.connect_timeout);
//
// DeadlineIn is the only way from a limit to a deadline. The sum `Clock::now() + limit` overflows
// for milliseconds::max(), which people write for "never", and gives a deadline in the past.
// The test check_deadlines fails on such a sum.

#pragma once

#include <algorithm>
#include <chrono>

namespace zlayer::sidecar {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;

/// A deadline that does not pass. Every deadline that would be later is this one.
inline constexpr Deadline kNever = Deadline::max();

/// The deadline of a limit that begins at `begin`. A negative limit has passed at its begin.
template <typename Rep, typename Period>
Deadline DeadlineIn(std::chrono::duration<Rep, Period> limit, Deadline begin = Clock::now()) {
  using Limit = std::chrono::duration<Rep, Period>;
  if (limit <= Limit::zero()) return begin;
  // Compared in the unit of the limit, because a conversion to Clock's nanoseconds can overflow.
  const auto left = kNever - std::max(begin, Deadline());
  if (limit >= std::chrono::duration_cast<Limit>(left)) return kNever;
  return begin + limit;
}

/// The time left as a timeout of poll(2) or epoll_wait(2); 0 once the deadline has passed. Rounded
/// up, so that a wait never ends before the deadline; at most 10^9 ms (11 days), to fit an int. So
/// a wait that times out must look at the deadline again.
inline int MillisecondsUntil(Deadline deadline) {
  const Deadline now = Clock::now();
  if (deadline <= now) return 0;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - now);
  return left.count() > 1'000'000'000 ? 1'000'000'000 : static_cast<int>(left.count());
}

}  // namespace zlayer::sidecar
