// What the fake says of itself; ZLAYER_VERSION comes from the build.

#pragma once

namespace zlayer::fakes {

inline constexpr char kSidecarVersion[] = ZLAYER_VERSION;
inline constexpr char kBuildahVersion[] = "0.0.0-fake";
inline constexpr char kGoVersion[] = "go0.0-fake";

}  // namespace zlayer::fakes
