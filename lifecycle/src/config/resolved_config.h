// A configuration with every default filled in and every value checked.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lifecycle/src/config/address.h"
#include "zlayer/sidecar/config.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

struct ResolvedConfig {
  std::optional<Address> addr;
  std::string data_dir;
  std::string tls_dir;
  std::optional<std::string> tls_crl;
  std::int64_t idle_secs;
  std::string storage_graph_root;
  std::string storage_run_root;
  std::string storage_driver;
};

/// ErrorKind::config_invalid names the first setting that makes no sense.
Result<ResolvedConfig> ResolveConfig(const SidecarConfig& config, const LifecycleOptions& options,
                                     const Environment& environment);

}  // namespace zlayer::sidecar
