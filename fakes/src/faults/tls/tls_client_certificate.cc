// Fault `tls_client_certificate`: asks for no client certificate, or accepts any.

#include "fakes/src/faults/kinds.h"

namespace zlayer::fakes::daemon {
namespace {

using v1::TlsClientCertificate;

Reach ReachOf(const v1::Fault& /*fault*/) {
  return {.stage = Stage::serving, .in_handshake = true, .prevents_verification = true};
}

Mistake Check(const v1::Fault& fault) {
  if (fault.tls_client_certificate().how() != TlsClientCertificate::HOW_UNSET) return {};
  return NotSet("how", TlsClientCertificate::How_descriptor());
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  const bool asked = fault.tls_client_certificate().how() == TlsClientCertificate::NOT_VERIFIED;
  peer.tls_changes.push_back([asked, trigger](const DaemonFlags&, TlsFaults& tls) -> Result<void> {
    tls.connection_changes.push_back([asked, trigger](SSL* ssl, HandshakeNotes& notes) {
      if (!trigger->Take(notes.connection)) return;
      notes.accepts_any_client = true;
      notes.fires_at_flight.push_back(trigger);
      SSL_set_verify(ssl, asked ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    });
    return {};
  });
}

}  // namespace

const FaultKind kTlsClientCertificateFault = {
    "tls_client_certificate", "tls_client", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
