// Lets nothing pass any more, as a firewall that has forgotten the connection does.

#include "fakes/src/faults/kinds.h"
#include "fakes/src/faults/network/stall.h"

namespace zlayer::fakes {
namespace {

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  ChangeConnections(peer, trigger, [timeout = fault.timeout(), trigger](std::uint32_t) {
    Stall::End end;
    if (timeout.timeout_ms() > 0) end = {Piece::Then::close, timeout.timeout_ms() * kNsPerMs};
    return std::make_unique<Stall>(timeout.direction(), timeout.after_bytes(), end, trigger);
  });
}

}  // namespace

const FaultKind kTimeoutFault = {"timeout", "", &ReachOfConnection, &NoMistake, nullptr, &Apply};

}  // namespace zlayer::fakes
