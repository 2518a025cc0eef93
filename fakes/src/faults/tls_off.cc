// Speaks HTTP/2 in plaintext.

#include "fakes/src/faults/kinds.h"

namespace zlayer::fakes {
namespace {

Reach ReachOf(const v1::Fault& /*fault*/) { return {.stage = Stage::serving}; }

void Apply(const v1::Fault& /*fault*/, const Fired& fired, Peer& peer) {
  peer.tls_changes.push_back([fired](const DaemonFlags&, TlsFaults& tls) -> Result<void> {
    tls.plaintext = Plaintext{fired};
    return {};
  });
}

}  // namespace

const FaultKind kTlsOffFault = {"tls_off", "tls", &ReachOf, &NoMistake, nullptr, &Apply};

}  // namespace zlayer::fakes
