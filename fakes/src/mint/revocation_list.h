// A CA's list of the certificates that it takes back.

#pragma once

#include <cstdint>
#include <string>

#include "fakes/src/base/failure.h"
#include "fakes/src/tls/openssl_types.h"

namespace zlayer::fakes {

/// The number of every revoked leaf: the list is made before it.
inline constexpr std::uint64_t kRevokedSerial = 1'234'567'890;

/// A list of `ca`, as PEM, that names kRevokedSerial only and is good for a year.
Result<std::string> MintRevocationList(const Identity& ca);

}  // namespace zlayer::fakes
