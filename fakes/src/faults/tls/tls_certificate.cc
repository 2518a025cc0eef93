// Fault `tls_certificate`: presents a certificate with one defect.
//
// The faults of this folder, tls/, append to Peer::tls_changes: a function that adds to the
// TlsFaults (tls/tls_faults.h) of the TLS server before it loads its files. The server then
// evaluates the triggers during each handshake.

#include <unistd.h>

#include <filesystem>

#include "fakes/src/faults/kinds.h"
#include "fakes/src/mint/defective_leaf.h"
#include "fakes/src/tls/pem.h"

namespace zlayer::fakes::daemon {
namespace {

using v1::TlsCertificate;

Reach ReachOf(const v1::Fault& /*fault*/) {
  return {.stage = Stage::serving, .in_handshake = true, .presents_certificate = true};
}

Mistake Check(const v1::Fault& fault) {
  if (fault.tls_certificate().defect() != TlsCertificate::DEFECT_UNSET) return {};
  return NotSet("defect", TlsCertificate::Defect_descriptor());
}

/// The CA's private key, which `--mint-tls` writes beside the CA's certificate.
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

Result<Identity> AuthorityOf(const DaemonFlags& flags, bool with_key) {
  Identity authority;
  Result<CertificatePtr> certificate = ReadCertificate(flags.tls_ca);
  if (!certificate) return tl::unexpected(certificate.error());
  authority.certificate = std::move(*certificate);
  if (!with_key) return authority;
  Result<KeyPtr> key = ReadKey(AuthorityKeyPath(flags));
  if (!key) return tl::unexpected(key.error());
  authority.key = std::move(*key);
  return authority;
}

Result<Identity> Present(TlsCertificate::Defect defect, const DaemonFlags& flags) {
  const Result<Identity> ca = AuthorityOf(flags, NeedsAuthority(defect));
  if (!ca) return tl::unexpected(ca.error());
  return MintDefectiveLeaf(defect, *ca);
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  const TlsCertificate::Defect defect = fault.tls_certificate().defect();
  peer.tls_changes.push_back(
      [defect, trigger](const DaemonFlags& flags, TlsFaults& tls) -> Result<void> {
        Result<Identity> identity = Present(defect, flags);
        if (!identity) return tl::unexpected(identity.error());
        tls.presented = PresentedIdentity{std::move(*identity), trigger};
        return {};
      });
}

}  // namespace

const FaultKind kTlsCertificateFault = {"tls_certificate", "tls", &ReachOf, &Check,
                                        &CheckFlags,       &Apply};

}  // namespace zlayer::fakes::daemon
