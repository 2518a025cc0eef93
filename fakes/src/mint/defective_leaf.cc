#include "fakes/src/mint/defective_leaf.h"

#include <utility>

#include "fakes/src/mint/certificate.h"
#include "fakes/src/mint/revocation_list.h"

namespace zlayer::fakes::daemon {
namespace {

using v1::TlsCertificate;

constexpr std::int64_t kHour = 3600;

/// Puts the defect into the draft of a leaf that the right CA signs. False when the defect is not
/// in the leaf itself.
bool SpoilLeaf(TlsCertificate::Defect defect, CertificateDraft& leaf) {
  switch (defect) {
    case TlsCertificate::EXPIRED:
      leaf.begins_in_secs = -2 * kHour;
      leaf.ends_in_secs = -kHour;
      return true;
    case TlsCertificate::JUST_EXPIRED:
      leaf.ends_in_secs = -1;
      return true;
    case TlsCertificate::NOT_YET_VALID:
      leaf.begins_in_secs = kHour;
      return true;
    case TlsCertificate::CLIENT_AUTH_ONLY:
      leaf.extended_key_usage = "clientAuth";
      return true;
    case TlsCertificate::EMAIL_ONLY:
      leaf.extended_key_usage = "emailProtection";
      return true;
    case TlsCertificate::WRONG_NAME:
      leaf.common_name = "zlayer-impostor";
      leaf.subject_alt_names = "DNS:zlayer-impostor";
      return true;
    case TlsCertificate::IP_ONLY:
      leaf.subject_alt_names = "IP:127.0.0.1,IP:::1";
      return true;
    case TlsCertificate::COMMON_NAME_ONLY:
      leaf.subject_alt_names = "";
      return true;
    case TlsCertificate::IP_AS_DNS_NAME:
      leaf.subject_alt_names = "DNS:127.0.0.1";
      return true;
    case TlsCertificate::ILLEGAL_WILDCARD:
      leaf.subject_alt_names = "DNS:*";
      return true;
    case TlsCertificate::SHA1_SIGNATURE:
      leaf.signed_by_sha1 = true;
      return true;
    case TlsCertificate::RSA_1024:
      leaf.key = KeyKind::rsa_1024;
      return true;
    case TlsCertificate::REVOKED:
      leaf.serial = kRevokedSerial;
      return true;
    case TlsCertificate::UNKNOWN_CRITICAL_EXTENSION:
      leaf.unknown_critical_extension = true;
      return true;
    default:
      return false;
  }
}

/// Puts the defect into the draft of an intermediate CA that the right CA signs. False when the
/// defect is not in an intermediate.
bool SpoilIntermediate(TlsCertificate::Defect defect, CertificateDraft& intermediate) {
  switch (defect) {
    case TlsCertificate::CA_EXPIRED:
      intermediate.begins_in_secs = -2 * kHour;
      intermediate.ends_in_secs = -kHour;
      return true;
    case TlsCertificate::INTERMEDIATE_MISSING:
    case TlsCertificate::PATH_TOO_LONG:
      return true;
    case TlsCertificate::INTERMEDIATE_NO_CA:
      intermediate.basic_constraints = "critical,CA:FALSE";
      return true;
    case TlsCertificate::INTERMEDIATE_WITHOUT_CONSTRAINTS:
      intermediate.basic_constraints = "";
      return true;
    case TlsCertificate::LEAF_AS_CA:
      intermediate = LeafOfProtocol();
      return true;
    case TlsCertificate::NAME_CONSTRAINT:
      intermediate.name_constraints = "critical,permitted;DNS:example.org";
      return true;
    default:
      return false;
  }
}

/// Makes the leaf and its chain of intermediates. The right CA is not part of the chain.
Result<Identity> MintChain(TlsCertificate::Defect defect, const CertificateDraft& draft,
                           const Identity& ca) {
  Result<Identity> upper = Identity{};
  const Identity* issuer = &ca;
  if (defect == TlsCertificate::PATH_TOO_LONG) {
    CertificateDraft last = AuthorityDraft("zlayer-last-ca");
    last.basic_constraints = "critical,CA:TRUE,pathlen:0";
    upper = Mint(last, &ca);
    if (!upper) return upper;
    issuer = &*upper;
  }
  Result<Identity> intermediate = Mint(draft, issuer);
  if (!intermediate) return intermediate;
  Result<Identity> leaf = Mint(LeafOfProtocol(), &*intermediate);
  if (!leaf || defect == TlsCertificate::INTERMEDIATE_MISSING) return leaf;
  leaf->chain.push_back(std::move(intermediate->certificate));
  if (upper->certificate) leaf->chain.push_back(std::move(upper->certificate));
  return leaf;
}

std::string CommonNameOf(X509* certificate) {
  char name[256] = "";
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
  return name;
}

Result<Identity> MintOf(const CertificateDraft& authority) {
  const Result<Identity> ca = Mint(authority, nullptr);
  if (!ca) return tl::unexpected(ca.error());
  return Mint(LeafOfProtocol(), &*ca);
}

Result<Identity> MintWithoutItsKey(const Identity& ca) {
  Result<Identity> leaf = Mint(LeafOfProtocol(), &ca);
  if (!leaf) return leaf;
  Result<KeyPtr> key = MismatchedKey(leaf->key.get());
  if (!key) return tl::unexpected(key.error());
  leaf->key = std::move(*key);
  return leaf;
}

}  // namespace

bool NeedsAuthority(TlsCertificate::Defect defect) {
  return defect != TlsCertificate::UNKNOWN_CA && defect != TlsCertificate::IMPOSTOR_CA &&
         defect != TlsCertificate::SELF_SIGNED;
}

Result<Identity> MintDefectiveLeaf(TlsCertificate::Defect defect, const Identity& ca) {
  CertificateDraft leaf = LeafOfProtocol();
  CertificateDraft intermediate = AuthorityDraft("zlayer-intermediate-ca");
  if (SpoilLeaf(defect, leaf)) return Mint(leaf, &ca);
  if (SpoilIntermediate(defect, intermediate)) return MintChain(defect, intermediate, ca);
  if (defect == TlsCertificate::SELF_SIGNED) return Mint(leaf, nullptr);
  if (defect == TlsCertificate::KEY_MISMATCH) return MintWithoutItsKey(ca);
  const bool same_name = defect == TlsCertificate::IMPOSTOR_CA;
  return MintOf(AuthorityDraft(same_name ? CommonNameOf(ca.certificate.get()) : "nobodys-ca"));
}

}  // namespace zlayer::fakes::daemon
