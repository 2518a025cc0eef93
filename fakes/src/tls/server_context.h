// OpenSSL's settings for mutual TLS 1.3 with h2, and its callbacks.

#pragma once

#include <string>

#include "fakes/src/failure.h"
#include "fakes/src/tls/openssl_types.h"
#include "fakes/src/tls/tls_faults.h"
#include "fakes/src/tls/tls_server.h"

namespace zlayer::fakes {

/// What the callbacks learn during one handshake; the SSL object's app data.
struct HandshakeNotes {
  std::string peer_subject;
  bool refused = false;       ///< by the plan
  std::string server_secret;  ///< SERVER_TRAFFIC_SECRET_0, kept for a refusal by alert only
};

/// `faults` must outlive the context and stay where it is.
Result<SslContextPtr> NewServerContext(const TlsPaths& paths, TlsFaults* faults);

}  // namespace zlayer::fakes
