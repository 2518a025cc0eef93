// Fault `tls_offer`: negotiates another TLS version, cipher suite or ALPN protocol than the honest
// daemon.

#include "fakes/src/faults/kinds.h"

namespace zlayer::fakes::daemon {
namespace {

using v1::TlsOffer;

Reach ReachOf(const v1::Fault& fault) {
  return {.stage = Stage::serving,
          .in_handshake = true,
          .prevents_tls13 = fault.tls_offer().newest() != TlsOffer::TLS_1_3};
}

Mistake Check(const v1::Fault& fault) {
  const TlsOffer& offer = fault.tls_offer();
  if (offer.newest() == TlsOffer::TLS_1_3 && offer.alpn() == TlsOffer::H2 &&
      !offer.no_common_cipher()) {
    return {"newest", "changes nothing; set newest, no_common_cipher or alpn"};
  }
  if (offer.newest() != TlsOffer::TLS_1_3 && offer.no_common_cipher()) {
    return {"no_common_cipher", "needs newest: TLS_1_3"};
  }
  return {};
}

void OfferVersion(SSL* ssl, TlsOffer::Version newest) {
  if (newest == TlsOffer::TLS_1_3) return;
  SSL_set_security_level(ssl, 0);  // level 1 and above refuse TLS 1.1, which signs with SHA-1
  SSL_set_min_proto_version(ssl, TLS1_VERSION);
  SSL_set_max_proto_version(ssl, newest == TlsOffer::TLS_1_2 ? TLS1_2_VERSION : TLS1_1_VERSION);
}

/// What the fault changes first is the answer to the ClientHello, or only its ALPN.
void Change(const TlsOffer& offer, const TriggerPtr& trigger, SSL* ssl, HandshakeNotes& notes) {
  const bool only_alpn = offer.newest() == TlsOffer::TLS_1_3 && !offer.no_common_cipher();
  (only_alpn ? notes.fires_at_alpn : notes.fires_at_hello).push_back(trigger);
  OfferVersion(ssl, offer.newest());
  if (offer.no_common_cipher()) SSL_set_ciphersuites(ssl, "TLS_AES_128_CCM_8_SHA256");
  if (offer.alpn() == TlsOffer::NONE) notes.alpn = HandshakeNotes::Alpn::unanswered;
  if (offer.alpn() == TlsOffer::HTTP_1_1) notes.alpn = HandshakeNotes::Alpn::http_1_1;
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.tls_changes.push_back(
      [offer = fault.tls_offer(), trigger](const DaemonFlags&, TlsFaults& tls) -> Result<void> {
        tls.connection_changes.push_back([offer, trigger](SSL* ssl, HandshakeNotes& notes) {
          if (trigger->Take(notes.connection)) Change(offer, trigger, ssl, notes);
        });
        return {};
      });
}

}  // namespace

const FaultKind kTlsOfferFault = {"tls_offer", "tls_offer", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
