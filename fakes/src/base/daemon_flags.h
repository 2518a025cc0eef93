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
  std::uint64_t idle_secs = 30;  ///< 0: the daemon never exits by itself
  std::string storage_root;      ///< empty, as the next two: the store chooses (peer/storage.h)
  std::string storage_runroot;
  std::string storage_driver;
  std::uint32_t max_concurrent = 1;
  LogLevel log_level = LogLevel::info;
};

/// Fails with bad input when one of the three TLS flags is missing or empty. The failure has a
/// step.
Result<void> RequireTlsFlags(const DaemonFlags& flags);

}  // namespace zlayer::fakes::daemon
