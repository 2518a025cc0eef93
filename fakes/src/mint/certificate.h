// Certificates made on the spot, relative to now. The fakes' own: the library under test has
// another implementation, so that the two do not share a mistake.
//
//   Result<Identity> ca = Mint(AuthorityDraft("zlayer-buildd-ca"), nullptr);
//   Result<Identity> leaf = Mint(LeafOfProtocol(), &*ca);

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fakes/src/base/failure.h"
#include "fakes/src/tls/openssl_types.h"

namespace zlayer::fakes {

/// What a certificate says. Extensions are written as in x509v3_config(5); one that is empty is
/// left out.
struct CertificateDraft {
  std::string common_name = {};
  std::int64_t begins_in_secs = -3600;  ///< from now; negative: in the past
  std::int64_t ends_in_secs = 86'400 * 365;
  std::string basic_constraints = "critical,CA:FALSE";
  std::string key_usage = "critical,digitalSignature";
  std::string extended_key_usage = "serverAuth,clientAuth";
  std::string subject_alt_names = {};
  std::string name_constraints = {};
  bool unknown_critical_extension = false;
  bool rsa_1024 = false;        ///< instead of ECDSA P-256
  bool ed25519 = false;         ///< instead of ECDSA P-256
  bool signed_by_sha1 = false;  ///< instead of SHA-256; an Ed25519 key signs without a digest
  std::optional<std::uint64_t> serial = {};  ///< default: random
};

/// The leaf that protocol section 3 describes.
CertificateDraft LeafOfProtocol();

/// One that may sign anything.
CertificateDraft AuthorityDraft(const std::string& common_name);

/// What `key` signs with: null for Ed25519, which has its own; else SHA-256.
const EVP_MD* DigestOf(const EVP_PKEY* key);

/// `issuer` null: self-signed.
Result<Identity> Mint(const CertificateDraft& draft, const Identity* issuer);

/// The public key of `shown` with the private key of another: signatures by it do not verify.
Result<KeyPtr> MismatchedKey(EVP_PKEY* shown);

}  // namespace zlayer::fakes
