// Certificates and keys as text.

#pragma once

#include <string>
#include <vector>

#include "fakes/src/base/failure.h"
#include "fakes/src/tls/openssl_types.h"

namespace zlayer::fakes::daemon {

/// Every certificate of a PEM file, in order; at least one. Passes over everything else: text,
/// keys, and blocks that hold no certificate. Errors are failed starts; they name the file and say
/// why it cannot be read.
Result<std::vector<CertificatePtr>> ReadCertificates(const std::string& path);

/// The first certificate of a file.
Result<CertificatePtr> ReadCertificate(const std::string& path);
Result<KeyPtr> ReadKey(const std::string& path);

/// The subject as text, such as CN=zlayer-buildd.
std::string SubjectOf(X509* certificate);

std::string CertificateToPem(X509* certificate);
std::string KeyToPem(EVP_PKEY* key);

}  // namespace zlayer::fakes::daemon
