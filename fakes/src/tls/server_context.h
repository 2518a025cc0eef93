// The SSL_CTX of the server: mutual TLS 1.3 with ALPN h2, and the callbacks through which faults
// act.

#pragma once

#include "fakes/src/base/failure.h"
#include "fakes/src/tls/openssl_types.h"
#include "fakes/src/tls/tls_server.h"

namespace zlayer::fakes::daemon {

/// Reads the files and makes the context. Its callbacks find the faults of a connection in the
/// HandshakeNotes of its SSL object. Errors are failed starts.
Result<SslContextPtr> NewServerContext(const TlsPaths& paths);

}  // namespace zlayer::fakes::daemon
