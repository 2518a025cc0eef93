// Fault `tls_refuse_client`: refuses every client certificate, even a valid one.

#include "fakes/src/faults/kinds.h"

namespace zlayer::fakes::daemon {
namespace {

using v1::TlsRefuseClient;

Reach ReachOf(const v1::Fault& fault) {
  return {.stage = Stage::serving,
          .in_handshake = true,
          .verifies_client = true,
          .prevents_verification = true,
          // The alert of REJECTED is a record of TLS 1.3.
          .needs_tls13 = fault.tls_refuse_client().reason() == TlsRefuseClient::REJECTED,
          .prevents_http2 = true};
}

Mistake Check(const v1::Fault& fault) {
  if (fault.tls_refuse_client().reason() != TlsRefuseClient::REASON_UNSET) return {};
  return NotSet("reason", TlsRefuseClient::Reason_descriptor());
}

/// OpenSSL chooses the alert from the verification error. No verification error gives
/// access_denied, so for REJECTED the server sends that alert itself.
ClientRefusal RefusalFor(TlsRefuseClient::Reason reason) {
  switch (reason) {
    case TlsRefuseClient::EXPIRED:
      return {.verify_error = X509_V_ERR_CERT_HAS_EXPIRED};
    case TlsRefuseClient::UNKNOWN_CA:
      return {.verify_error = X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY};
    case TlsRefuseClient::REVOKED:
      return {.verify_error = X509_V_ERR_CERT_REVOKED};
    case TlsRefuseClient::BAD_PURPOSE:
      return {.verify_error = X509_V_ERR_INVALID_PURPOSE};
    case TlsRefuseClient::REJECTED:
      return {.alert = SSL_AD_ACCESS_DENIED};
    default:
      return {};
  }
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  const TlsRefuseClient::Reason reason = fault.tls_refuse_client().reason();
  peer.tls_changes.push_back([reason, trigger](const DaemonFlags&, TlsFaults& tls) -> Result<void> {
    tls.refusal = RefusalFor(reason);
    tls.refusal->trigger = trigger;
    return {};
  });
}

}  // namespace

const FaultKind kTlsRefuseClientFault = {
    "tls_refuse_client", "tls", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
