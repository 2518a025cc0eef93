// Fault `tls_handshake`: breaks the TLS handshake at one of the server's messages.

#include "fakes/src/faults/kinds.h"

namespace zlayer::fakes::daemon {
namespace {

using v1::TlsHandshake;

Reach ReachOf(const v1::Fault& fault) {
  const auto how = fault.tls_handshake().how();
  const bool ends = how == TlsHandshake::STALL || how == TlsHandshake::CLOSE ||
                    how == TlsHandshake::CLOSE_AFTER || how == TlsHandshake::TRUNCATE;
  const auto at = fault.tls_handshake().at();
  // TLS 1.2 does not have these messages, and a forged one is a record of TLS 1.3.
  const bool only_in_tls13 = at == TlsHandshake::ENCRYPTED_EXTENSIONS ||
                             at == TlsHandshake::CERTIFICATE_VERIFY ||
                             how == TlsHandshake::GARBAGE || how == TlsHandshake::EMPTY;
  const bool is_before = at < TlsHandshake::CERTIFICATE;
  const bool is_at = at == TlsHandshake::CERTIFICATE;
  return {.stage = Stage::serving,
          .in_handshake = true,
          .prevents_verification = ends,
          .needs_tls13 = only_in_tls13,
          .prevents_certificate = is_before || (is_at && how != TlsHandshake::CLOSE_AFTER),
          .prevents_http2 = ends};
}

Mistake Check(const v1::Fault& fault) {
  const TlsHandshake& handshake = fault.tls_handshake();
  switch (handshake.how()) {
    case TlsHandshake::HOW_UNSET:
      return NotSet("how", TlsHandshake::How_descriptor());
    case TlsHandshake::EMPTY:
      if (handshake.at() == TlsHandshake::CERTIFICATE) return {};
      return {"how", "EMPTY is valid only at CERTIFICATE"};
    case TlsHandshake::GARBAGE:
      if (handshake.at() == TlsHandshake::CERTIFICATE || handshake.at() == TlsHandshake::FINISHED) {
        return {};
      }
      return {"how", "GARBAGE is valid only at CERTIFICATE and FINISHED"};
    default:
      return {};
  }
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.tls_changes.push_back(
      [what = fault.tls_handshake(), trigger](const DaemonFlags&, TlsFaults& tls) -> Result<void> {
        tls.flight = BrokenFlight{what, trigger};
        return {};
      });
}

}  // namespace

const FaultKind kTlsHandshakeFault = {"tls_handshake", "tls_handshake", &ReachOf,
                                      &Check,          nullptr,         &Apply};

}  // namespace zlayer::fakes::daemon
