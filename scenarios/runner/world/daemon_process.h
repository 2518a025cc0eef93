// A daemon that the runner starts itself: the remote sidecar of world.access REMOTE, or the
// unrelated daemon of world.stranger. Both are fakes.

#pragma once

#include <string>
#include <tl/expected.hpp>

#include "scenarios/runner/process/child_process.h"

namespace zlayer::scenarios {

struct DaemonDirectories {
  std::string tls;      // holds ca.pem, cert.pem and key.pem
  std::string storage;  // the daemon makes graph and run in it
};

struct Daemon {
  ChildProcess process;
  std::string address;  // host:port, from the handshake line
};

/// Starts `fake` and waits for its handshake line: it listens then.
tl::expected<Daemon, std::string> StartDaemon(const std::string& fake,
                                              const DaemonDirectories& directories,
                                              const EnvironmentMap& environment);

}  // namespace zlayer::scenarios
