// Certificates and keys in files.

#pragma once

#include <string>

#include "fakes/src/base/failure.h"
#include "fakes/src/tls/openssl_types.h"

namespace zlayer::fakes::daemon {

/// Errors are failed starts. They name the file and say why it cannot be read or parsed. Only the
/// first certificate of a file is read.
Result<CertificatePtr> ReadCertificate(const std::string& path);
Result<KeyPtr> ReadKey(const std::string& path);

std::string CertificateToPem(X509* certificate);
std::string KeyToPem(EVP_PKEY* key);

}  // namespace zlayer::fakes::daemon
