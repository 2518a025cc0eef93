// A daemon that the runner itself starts: the one that is remote to the client, a stranger's.

#pragma once

#include <string>
#include <tl/expected.hpp>

#include "scenarios/runner/process/child_process.h"

namespace zlayer::scenarios {

struct DaemonDirectories {
  std::string tls;
  std::string storage;
};

struct Daemon {
  ChildProcess process;
  std::string address;
};

/// Returns once it listens.
tl::expected<Daemon, std::string> StartDaemon(const std::string& fake,
                                              const DaemonDirectories& directories,
                                              const EnvironmentMap& environment);

}  // namespace zlayer::scenarios
