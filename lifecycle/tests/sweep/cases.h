// The cases of the sweep: each system call that the host makes, with each error that it may give.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lifecycle/tests/sweep/traced_run.h"

namespace zlayer::sidecar {

/// How the host is run.
struct World {
  std::string name;
  std::string containment;
  bool makes_set;  // each run has a new data directory, and makes its TLS set
};

const std::vector<World>& Worlds();

struct Case {
  const World* world;
  Injection injection;

  std::string ToString() const;  // "keeper zlayer-loop/epoll_ctl(add)#2 ENOMEM"
};

/// The directories and the program of a sweep.
class Host {
 public:
  /// `directory` stays the caller's. Nothing is made in it yet.
  explicit Host(std::string directory) : directory_(std::move(directory)) {}

  TracedRun Run(const World& world, const std::optional<Injection>& injection);

 private:
  const std::string directory_;
  int runs_ = 0;
};

/// Returns all cases of the calls, in the order of their names.
std::vector<Case> CasesOf(const World& world, const std::vector<CallId>& calls);

}  // namespace zlayer::sidecar
