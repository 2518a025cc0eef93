// Texts about certificates, for messages.

#pragma once

#include <string>

#include "lifecycle/src/credentials/openssl_ptr.h"

namespace zlayer::sidecar {

/// "Jan  2 03:04:05 2026 GMT".
std::string TimeText(const ASN1_TIME* time);

/// "its certificate "zlayer-buildd", valid from ... to ...". One bounded line of printable ASCII,
/// whatever the certificate holds.
std::string DescribeCertificate(X509* certificate);

}  // namespace zlayer::sidecar
