// Judges whether anything of a sidecar is left after its client has released it.
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

/// How long after the client is gone a process of the sidecar may still live.
inline constexpr std::chrono::milliseconds kAftermathLimit{100};

/// The pipes, sockets and pidfds that this process has open. For a client that is a program of its
/// own they prove nothing.
struct Footprint {
  std::set<std::string> descriptors;

  static Footprint OfThisProcess();
};

/// Returns a violation for each process with `token`, for a zombie among this process's children,
/// and for descriptors that were not open `before`. Processes and descriptors have `limit` to go
/// away. The processes that are left are killed, so that the next scenario starts clean.
std::vector<Violation> JudgeAftermath(std::string_view token, const Footprint& before,
                                      std::chrono::milliseconds limit = kAftermathLimit);

}  // namespace zlayer::scenarios
