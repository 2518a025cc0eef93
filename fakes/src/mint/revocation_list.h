// The certificate revocation list (CRL) of a CA.

#pragma once

#include <cstdint>
#include <string>

#include "fakes/src/base/failure.h"
#include "fakes/src/tls/openssl_types.h"

namespace zlayer::fakes::daemon {

/// The serial number of every leaf that is minted as revoked. It is fixed, because the list is made
/// before the leaf.
inline constexpr std::uint64_t kRevokedSerial = 1'234'567'890;

/// A CRL of `ca`, as PEM. It revokes only kRevokedSerial and is valid for a year.
Result<std::string> MintRevocationList(const Identity& ca);

}  // namespace zlayer::fakes::daemon
