// `--mint-tls`: a data dir's TLS material, as protocol section 3 has it.

#pragma once

#include <string>

#include "fakes/src/base/failure.h"
#include "fakes/src/mint/certificate.h"

namespace zlayer::fakes {

/// Writes a CA, its keys those of the `leaf` in kind, and the leaf that it signs: ca.pem, cert.pem,
/// key.pem and ca-key.pem, and the CA's revocation list, crl.pem (mode 0600) to `directory`, which
/// is made with mode 0700 when it is missing. A file that is there already is an error, and nothing
/// is written.
Result<void> MintTlsSet(const std::string& directory, const CertificateDraft& leaf);

}  // namespace zlayer::fakes
