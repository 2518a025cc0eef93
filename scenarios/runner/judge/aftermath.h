// Whether anything of a sidecar is left once its client has let go.
//
//   const Footprint before = Footprint::OfThisProcess();
//   ... run a client ...
//   auto violations = JudgeAftermath(token, before);

#pragma once

#include <chrono>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/runner/judge/verdict.h"

namespace zlayer::scenarios {

/// What a sidecar's end may take after the client's last word.
inline constexpr std::chrono::milliseconds kAftermathLimit{100};

/// The pipes, sockets and pidfds that this process has open, by identity.
struct Footprint {
  std::set<std::string> descriptors;

  static Footprint OfThisProcess();
};

/// Looks for processes with `token`, zombies among our children, and descriptors that were not
/// there `before`, once `limit` is over or nothing is left. What is left of the processes is
/// killed.
std::vector<Violation> JudgeAftermath(std::string_view token, const Footprint& before,
                                      std::chrono::milliseconds limit = kAftermathLimit);

}  // namespace zlayer::scenarios
