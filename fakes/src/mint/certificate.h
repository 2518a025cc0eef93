// Makes certificates, with times relative to now. The library under test has its own
// implementation, so that the two do not share a mistake.
//
//   Result<Identity> ca = Mint(AuthorityDraft("zlayer-buildd-ca"), nullptr);
//   Result<Identity> leaf = Mint(LeafOfProtocol(), &*ca);

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fakes/src/base/failure.h"
#include "fakes/src/tls/openssl_types.h"

namespace zlayer::fakes::daemon {

enum class KeyKind { p256, p521, rsa_1024, rsa_2048, ed25519 };

/// The content of a certificate. Extensions are written as in x509v3_config(5); an empty one is
/// left out. The defaults are those of a valid leaf.
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
  bool key_identifiers = true;  ///< subjectKeyIdentifier and authorityKeyIdentifier
  KeyKind key = KeyKind::p256;
  bool signed_by_sha1 = false;  ///< instead of SHA-256; an Ed25519 key signs without a digest
  std::optional<std::uint64_t> serial = {};  ///< default: random
};

/// The leaf that protocol section 3 describes.
CertificateDraft LeafOfProtocol();

/// A CA certificate without restrictions.
CertificateDraft AuthorityDraft(const std::string& common_name);

/// The digest to sign with: SHA-256, or null for Ed25519, which takes no separate digest.
const EVP_MD* DigestOf(const EVP_PKEY* key);

/// Makes a new key and a certificate for it, signed by `issuer`; self-signed when `issuer` is null.
Result<Identity> Mint(const CertificateDraft& draft, const Identity* issuer);

/// A key object with the public key of `shown` and the private key of a new key. OpenSSL accepts it
/// for the certificate of `shown`, but its signatures do not verify.
Result<KeyPtr> MismatchedKey(EVP_PKEY* shown);

}  // namespace zlayer::fakes::daemon
