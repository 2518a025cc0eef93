// Default values of fault attributes, for those whose default is not zero. The comments of
// fault_plan.proto name the same values; change both.

#pragma once

#include <cstdint>

namespace zlayer::fakes::daemon {

inline constexpr std::uint64_t kDefaultFloodBytes = 1 << 20;
inline constexpr std::uint32_t kDefaultFrameCount = 1'000;  ///< frames in an HTTP/2 flood
inline constexpr std::uint32_t kDefaultFlapPeriodMs = 100;
inline constexpr std::uint32_t kDefaultMetadataBytes = 65'536;
inline constexpr char kDefaultStorageError[] = "no space left on device";
inline constexpr char kDefaultGrpcStatus[] = "999";

}  // namespace zlayer::fakes::daemon
