// Makes TLS check certificate revocation lists.

#pragma once

#include <string>

#include "lifecycle/src/credentials/openssl_ptr.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// Adds the lists of the PEM file `crl` to `context`, which from then on refuses a server whose
/// certificate is on its CA's list, and every server whose CA has no current list there. Error:
/// ErrorKind::tls_material, with the file, when it cannot be read or holds no list.
Result<void> CheckRevocation(SSL_CTX* context, const std::string& crl);

}  // namespace zlayer::sidecar
