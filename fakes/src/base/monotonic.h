// The monotonic clock. All deadlines in the fake are nanoseconds of this clock.

#pragma once

#include <time.h>

#include <algorithm>
#include <cstdint>

namespace zlayer::fakes::daemon {

/// CLOCK_MONOTONIC in nanoseconds. Async-signal-safe.
inline std::int64_t MonotonicNs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

/// The timeout for poll(2) in milliseconds until `due_ns`. Rounded up, so that poll does not return
/// too early and spin; at most 1,000 s, so callers must check the clock after a timeout.
inline int MillisecondsUntil(std::int64_t due_ns) {
  const std::int64_t left = std::max<std::int64_t>(0, due_ns - MonotonicNs());
  return static_cast<int>(std::min<std::int64_t>((left + 999'999) / 1'000'000, 1'000'000));
}

}  // namespace zlayer::fakes::daemon
