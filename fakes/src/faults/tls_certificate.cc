// Presents a certificate with one defect.

#include <unistd.h>

#include <filesystem>

#include "fakes/src/faults/kinds.h"
#include "fakes/src/mint/certificate.h"
#include "fakes/src/tls/pem.h"

namespace zlayer::fakes {
namespace {

using v1::TlsCertificate;

constexpr std::int64_t kHour = 3600;

Reach ReachOf(const v1::Fault& /*fault*/) { return {.stage = Stage::serving}; }

Mistake Check(const v1::Fault& fault) {
  if (fault.tls_certificate().defect() != TlsCertificate::DEFECT_UNSET) return {};
  return {"defect",
          "is not set; valid: EXPIRED, NOT_YET_VALID, UNKNOWN_CA, WRONG_NAME, SELF_SIGNED"};
}

bool NeedsAuthority(TlsCertificate::Defect defect) {
  return defect == TlsCertificate::EXPIRED || defect == TlsCertificate::NOT_YET_VALID ||
         defect == TlsCertificate::WRONG_NAME;
}

std::string AuthorityKeyPath(const DaemonFlags& flags) {
  return std::filesystem::path(flags.tls_ca).parent_path() / "ca-key.pem";
}

Result<void> CheckFlags(const v1::Fault& fault, const DaemonFlags& flags) {
  const TlsCertificate::Defect defect = fault.tls_certificate().defect();
  const std::string path = AuthorityKeyPath(flags);
  if (!NeedsAuthority(defect) || access(path.c_str(), R_OK) == 0) return {};
  return BadInput("tls_certificate: " + TlsCertificate::Defect_Name(defect) + " needs " + path +
                  ": " + std::strerror(errno) + "; --mint-tls makes it");
}

Result<Identity> AuthorityOf(const DaemonFlags& flags) {
  Result<CertificatePtr> certificate = ReadCertificate(flags.tls_ca);
  if (!certificate) return tl::unexpected(certificate.error());
  Result<KeyPtr> key = ReadKey(AuthorityKeyPath(flags));
  if (!key) return tl::unexpected(key.error());
  return Identity{std::move(*certificate), std::move(*key)};
}

/// A CA of the same name and another key.
Result<Identity> ImpostorAuthority(const DaemonFlags& flags) {
  const Result<CertificatePtr> right = ReadCertificate(flags.tls_ca);
  if (!right) return tl::unexpected(right.error());
  char common_name[256] = "";
  X509_NAME_get_text_by_NID(X509_get_subject_name(right->get()), NID_commonName, common_name,
                            sizeof common_name);
  return MintAuthority(common_name);
}

Result<Identity> Mint(TlsCertificate::Defect defect, const DaemonFlags& flags) {
  Leaf leaf = LeafOfProtocol();
  if (defect == TlsCertificate::SELF_SIGNED) return MintSelfSignedLeaf(leaf);
  const Result<Identity> authority =
      NeedsAuthority(defect) ? AuthorityOf(flags) : ImpostorAuthority(flags);
  if (!authority) return tl::unexpected(authority.error());
  if (defect == TlsCertificate::EXPIRED) {
    leaf.begins_in_secs = -2 * kHour;
    leaf.ends_in_secs = -kHour;
  } else if (defect == TlsCertificate::NOT_YET_VALID) {
    leaf.begins_in_secs = kHour;
  } else if (defect == TlsCertificate::WRONG_NAME) {
    leaf.common_name = "zlayer-impostor";
    leaf.subject_alt_names = "DNS:zlayer-impostor";
  }
  return MintLeaf(leaf, *authority);
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  const TlsCertificate::Defect defect = fault.tls_certificate().defect();
  peer.tls_changes.push_back(
      [defect, trigger](const DaemonFlags& flags, TlsFaults& tls) -> Result<void> {
        Result<Identity> identity = Mint(defect, flags);
        if (!identity) return tl::unexpected(identity.error());
        tls.presented = PresentedIdentity{std::move(*identity), trigger};
        return {};
      });
}

}  // namespace

const FaultKind kTlsCertificateFault = {"tls_certificate", "tls", &ReachOf, &Check,
                                        &CheckFlags,       &Apply};

}  // namespace zlayer::fakes
