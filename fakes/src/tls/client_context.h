// The SSL_CTX of the fake as a client, towards its upstream.

#pragma once

#include "fakes/src/base/failure.h"
#include "fakes/src/tls/openssl_types.h"
#include "fakes/src/tls/tls_server.h"

namespace zlayer::fakes::daemon {

/// Mutual TLS 1.3 with ALPN h2, as every client of the daemon speaks it: the server must be
/// zlayer-buildd by a certificate of the CA in `paths`, and gets the certificate in `paths`. Errors
/// are failed starts.
Result<SslContextPtr> NewClientContext(const TlsPaths& paths);

}  // namespace zlayer::fakes::daemon
