// Fault `reset_peer`: drops what comes and resets the connection, at once or after `timeout_ms`.

#include "fakes/src/faults/kinds.h"
#include "fakes/src/faults/network/black_hole.h"

namespace zlayer::fakes::daemon {
namespace {

Reach ReachOf(const v1::Fault& fault) {
  Reach reach = ReachOfCut(fault.reset_peer().after_bytes() == 0, false);
  reach.in_bytes = true;
  return reach;
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  ChangeConnections(peer, trigger, [reset = fault.reset_peer(), trigger](std::uint32_t) {
    const BlackHole::Outcome outcome{Piece::Then::reset, reset.timeout_ms() * kNsPerMs};
    return std::make_unique<BlackHole>(reset.direction(), reset.after_bytes(), outcome, trigger);
  });
}

}  // namespace

const FaultKind kResetPeerFault = {"reset_peer", "", &ReachOf, &NoMistake, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
