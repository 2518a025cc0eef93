// A configuration with every default filled in and every value checked.
//
// Room config/: turns the host's settings into values that the later steps of a start need not
// check. Start reading at ResolveConfig, the first step of every start (share/start.cc). It does no
// I/O and reads environment variables only from the Environment that it is given. After it has
// succeeded, no path or name is empty or contains a NUL byte, what goes into a request is UTF-8,
// and every time limit is more than 0; only the grace may be 0.
//
// DiscoverBinary (discover.h) then searches the file system for the binary, unless the sidecar is
// remote. address.h parses host:port for the configuration and for the handshake line.
// environment.cc and context_mount.cc implement public headers of include/zlayer/sidecar/.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lifecycle/src/config/address.h"
#include "zlayer/sidecar/config.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

struct ResolvedConfig {
  std::optional<Address> addr;  // set: a remote sidecar, so nothing is spawned
  std::string data_dir;
  std::string tls_dir;
  std::optional<std::string> tls_crl;
  std::int64_t idle_secs;
  std::string storage_graph_root;
  std::string storage_run_root;
  std::string storage_driver;
  std::optional<std::int32_t> max_concurrent;
  std::optional<std::string> log_level;
  std::vector<std::string> arguments;
};

/// Checks `options` as well. The message of ErrorKind::config_invalid names the first invalid
/// setting and says why it is invalid.
Result<ResolvedConfig> ResolveConfig(const SidecarConfig& config, const LifecycleOptions& options,
                                     const Environment& environment);

}  // namespace zlayer::sidecar
