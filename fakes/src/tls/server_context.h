// The SSL_CTX of the server: mutual TLS 1.3 with ALPN h2, and the callbacks through which faults
// act.

#pragma once

#include "fakes/src/base/failure.h"
#include "fakes/src/tls/openssl_types.h"
#include "fakes/src/tls/tls_faults.h"
#include "fakes/src/tls/tls_server.h"

namespace zlayer::fakes::daemon {

/// Reads the files and makes the context. The callbacks keep the pointer `faults`, so the object
/// must outlive the context and must not move. Errors are failed starts.
Result<SslContextPtr> NewServerContext(const TlsPaths& paths, TlsFaults* faults);

}  // namespace zlayer::fakes::daemon
