// The versions that `--version` and Inspect report. CMake defines ZLAYER_VERSION.

#pragma once

namespace zlayer::fakes::daemon {

inline constexpr char kSidecarVersion[] = ZLAYER_VERSION;
inline constexpr char kBuildahVersion[] = "0.0.0-fake";
inline constexpr char kGoVersion[] = "go0.0-fake";

}  // namespace zlayer::fakes::daemon
