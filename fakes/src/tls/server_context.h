// OpenSSL's settings for mutual TLS 1.3 with h2, and its callbacks.

#pragma once

#include "fakes/src/base/failure.h"
#include "fakes/src/tls/openssl_types.h"
#include "fakes/src/tls/tls_faults.h"
#include "fakes/src/tls/tls_server.h"

namespace zlayer::fakes {

/// `faults` must outlive the context and stay where it is.
Result<SslContextPtr> NewServerContext(const TlsPaths& paths, TlsFaults* faults);

}  // namespace zlayer::fakes
