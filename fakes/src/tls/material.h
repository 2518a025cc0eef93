// Gives the files of `--tls-ca`, `--tls-cert` and `--tls-key` to an SSL_CTX.

#pragma once

#include "fakes/src/base/failure.h"
#include "fakes/src/tls/openssl_types.h"
#include "fakes/src/tls/tls_server.h"

namespace zlayer::fakes::daemon {

/// Every certificate of the CA file may sign clients and is named in the CertificateRequest. The
/// server sends the whole chain of the certificate file and nothing else: no CA is added to a
/// single leaf. Nothing is verified, so an expired leaf is served. Errors are failed starts.
Result<void> UseMaterial(SSL_CTX* context, const TlsPaths& paths);

}  // namespace zlayer::fakes::daemon
