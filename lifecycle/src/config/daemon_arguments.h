// The command line of a sidecar: the library's flags and the further arguments of its user.

#pragma once

#include <string>
#include <vector>

#include "lifecycle/src/config/resolved_config.h"

namespace zlayer::sidecar {

/// Paths of the TLS set that the sidecar reads.
struct DaemonTlsFiles {
  std::string ca;
  std::string cert;
  std::string key;
};

/// Returns all arguments behind the program's name. The further arguments come last, because the
/// daemon ignores everything behind the first argument that belongs to no flag.
std::vector<std::string> DaemonArguments(const ResolvedConfig& config, const DaemonTlsFiles& tls);

/// Checks max_concurrent, log_level and arguments. An argument must not repeat a flag of
/// DaemonArguments: of two equal flags the daemon takes the last, so an argument could, for
/// instance, bind the daemon to the network behind the library's back.
Result<void> CheckDaemonArguments(const SidecarConfig& config);

}  // namespace zlayer::sidecar
