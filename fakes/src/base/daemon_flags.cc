#include "fakes/src/base/daemon_flags.h"

namespace zlayer::fakes::daemon {

Result<void> RequireTlsFlags(const DaemonFlags& flags) {
  const auto missing = [](const char* flag) {
    return BadInput(std::string(flag) + " is required; --mint-tls DIR makes such files");
  };
  if (flags.tls_ca.empty()) return missing("--tls-ca");
  if (flags.tls_cert.empty()) return missing("--tls-cert");
  if (flags.tls_key.empty()) return missing("--tls-key");
  return {};
}

}  // namespace zlayer::fakes::daemon
