// Fault `tls_off`: speaks HTTP/2 in plaintext.

#include "fakes/src/faults/kinds.h"

namespace zlayer::fakes::daemon {
namespace {

Reach ReachOf(const v1::Fault& /*fault*/) {
  return {.stage = Stage::serving, .prevents_handshake = true};
}

void Apply(const v1::Fault& /*fault*/, const TriggerPtr& trigger, Peer& peer) {
  peer.tls_changes.push_back([trigger](const DaemonFlags&, TlsFaults& tls) -> Result<void> {
    tls.plaintext = trigger;
    return {};
  });
}

}  // namespace

const FaultKind kTlsOffFault = {"tls_off", "tls_off", &ReachOf, &NoMistake, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
