// Fault `tls_opening`: a connection begins with other bytes than TLS.

#include "fakes/src/faults/kinds.h"

namespace zlayer::fakes::daemon {
namespace {

using v1::TlsOpening;

Reach ReachOf(const v1::Fault& fault) {
  return {.stage = Stage::serving,
          .in_handshake = true,
          .prevents_handshake = fault.tls_opening().how() != TlsOpening::BANNER,
          .prevents_http2 = fault.tls_opening().how() != TlsOpening::BANNER};
}

Mistake Check(const v1::Fault& fault) {
  if (fault.tls_opening().how() != TlsOpening::HOW_UNSET) return {};
  return NotSet("how", TlsOpening::How_descriptor());
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.tls_changes.push_back([how = fault.tls_opening().how(), trigger](
                                 const DaemonFlags&, TlsFaults& tls) -> Result<void> {
    tls.opening = OtherOpening{how, trigger};
    return {};
  });
}

}  // namespace

const FaultKind kTlsOpeningFault = {"tls_opening", "tls_opening", &ReachOf,
                                    &Check,        nullptr,       &Apply};

}  // namespace zlayer::fakes::daemon
