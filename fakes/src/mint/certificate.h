// Certificates made on the spot, relative to now. The fakes' own: the library under test has
// another implementation, so that the two do not share a mistake.
//
//   Result<Identity> ca = MintAuthority("zlayer-buildd-ca");
//   Result<Identity> leaf = MintLeaf(LeafOfProtocol(), *ca);

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fakes/src/failure.h"
#include "fakes/src/tls/openssl_types.h"

namespace zlayer::fakes {

struct Leaf {
  std::string common_name;
  std::string subject_alt_names;        ///< OpenSSL's notation: "DNS:a,IP:127.0.0.1"
  std::int64_t begins_in_secs = -3600;  ///< from now; negative: in the past
  std::int64_t ends_in_secs = 86'400 * 365;
};

/// The leaf that protocol section 3 describes.
Leaf LeafOfProtocol();

/// Self-signed, CA:TRUE, ECDSA P-256 with SHA-256, as everything here.
Result<Identity> MintAuthority(const std::string& common_name);

/// For serverAuth and clientAuth.
Result<Identity> MintLeaf(const Leaf& leaf, const Identity& authority);
Result<Identity> MintSelfSignedLeaf(const Leaf& leaf);

}  // namespace zlayer::fakes
