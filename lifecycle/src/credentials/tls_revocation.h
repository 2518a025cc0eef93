// Certificates that their CA has taken back.

#pragma once

#include <string>

#include "lifecycle/src/credentials/openssl_ptr.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// From now on the server's certificate must not be on its CA's list, and there must be a list of
/// that CA which is not out of date, in the PEM file `crl`. ErrorKind::tls_material names the file
/// when it holds no list.
Result<void> CheckRevocation(SSL_CTX* context, const std::string& crl);

}  // namespace zlayer::sidecar
