// The flags of the deployed daemon, with its defaults.

#pragma once

#include <cstdint>
#include <string>

#include "fakes/src/base/failure.h"
#include "fakes/src/base/log.h"

namespace zlayer::fakes::daemon {

struct DaemonFlags {
  std::string bind = "127.0.0.1:0";
  std::string tls_ca;
  std::string tls_cert;
  std::string tls_key;
  std::int64_t idle_secs = 30;  ///< 0: the daemon never exits by itself
  std::string storage_root;
  std::string storage_runroot;
  std::string storage_driver = "vfs";
  std::uint32_t max_concurrent = 1;
  LogLevel log_level = LogLevel::info;
};

/// Fails with bad input when one of the three TLS flags is missing or empty.
Result<void> RequireTlsFlags(const DaemonFlags& flags);

}  // namespace zlayer::fakes::daemon
