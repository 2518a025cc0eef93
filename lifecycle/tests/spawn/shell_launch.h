// Launches a shell script in place of a sidecar.

#pragma once

#include <gtest/gtest.h>

#include <string>

#include "lifecycle/src/spawn/launch.h"

namespace zlayer::sidecar {

/// Longer than any launch that works; a test that fails waits for this long.
inline LaunchLimits LongLimits() { return {{}, Clock::now() + std::chrono::seconds(20)}; }

/// Both steps of a launch.
inline Result<Launched> LaunchWhole(EventLoop* loop, LaunchRequest request,
                                    const LaunchLimits& limits = LongLimits()) {
  auto launch = Launch::Begin(std::move(request), limits, loop);
  if (!launch) return tl::unexpected(std::move(launch.error()));
  return (*launch)->Await();
}

inline std::vector<std::string> SmallEnvironment() { return {"PATH=/usr/bin:/bin"}; }

/// All levels. Under ThreadSanitizer without pid_namespace, which needs clone(2): see
/// child_process.cc.
inline auto EveryLevel() {
#ifdef ZLAYER_THREAD_SANITIZER
  return testing::Values(Containment::group, Containment::keeper);
#else
  return testing::Values(Containment::group, Containment::keeper, Containment::pid_namespace);
#endif
}

inline std::string LevelName(Containment containment) {
  switch (containment) {
    case Containment::group:
      return "Group";
    case Containment::keeper:
      return "Keeper";
    case Containment::pid_namespace:
      return "PidNamespace";
  }
  return "";
}

inline Result<Launched> LaunchShell(EventLoop* loop, Containment containment,
                                    const std::string& script,
                                    const std::string& keeper_path = "") {
  return LaunchWhole(loop,
                     {"/bin/sh", {"-c", script}, SmallEnvironment(), containment, keeper_path});
}

}  // namespace zlayer::sidecar
