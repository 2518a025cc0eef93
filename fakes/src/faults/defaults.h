// What an attribute of a fault that is not set means, where that is a number of its own. The
// comments in fault_plan.proto say the same.

#pragma once

#include <cstdint>

namespace zlayer::fakes {

inline constexpr std::uint64_t kDefaultFloodBytes = 1 << 20;
inline constexpr std::uint32_t kDefaultFrameCount = 1'000;  ///< of each flood of HTTP/2
inline constexpr std::uint32_t kDefaultFlapPeriodMs = 100;
inline constexpr char kDefaultGrpcStatus[] = "999";

}  // namespace zlayer::fakes
