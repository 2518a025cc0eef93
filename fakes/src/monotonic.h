#pragma once

#include <time.h>

#include <cstdint>

namespace zlayer::fakes {

/// CLOCK_MONOTONIC in nanoseconds. Async-signal-safe.
inline std::int64_t MonotonicNs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace zlayer::fakes
