#include "fakes/src/base/daemon_flags.h"

namespace zlayer::fakes::daemon {

Result<void> RequireTlsFlags(const DaemonFlags& flags) {
  if (!flags.tls_ca.empty() && !flags.tls_cert.empty() && !flags.tls_key.empty()) return {};
  return tl::unexpected(
      InStep({kExitBadInput,
              "--tls-ca, --tls-cert and --tls-key are required; --mint-tls DIR makes such files"},
             "missing required TLS flags",
             {{"tls_ca", flags.tls_ca}, {"tls_cert", flags.tls_cert}, {"tls_key", flags.tls_key}}));
}

}  // namespace zlayer::fakes::daemon
