// A small shell script in custody, in place of a sidecar.

#pragma once

#include <gtest/gtest.h>

#include <string>

#include "launch.h"

namespace zlayer::sidecar {

inline Result<Launched> LaunchProgram(EventLoop* loop, Containment containment,
                                      const std::string& path,
                                      const std::vector<std::string>& arguments,
                                      std::vector<std::string> environment = {
                                          "PATH=/usr/bin:/bin"}) {
  auto launch = Launch::Begin({path, arguments, std::move(environment), containment, ""}, loop);
  if (!launch) return tl::unexpected(std::move(launch.error()));
  return (*launch)->Await({}, Clock::now() + std::chrono::seconds(20));
}

/// Every level; with ThreadSanitizer, without the one that needs clone(2): see child_process.cc.
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
                                    const std::string& script) {
  return LaunchProgram(loop, containment, "/bin/sh", {"-c", script});
}

}  // namespace zlayer::sidecar
