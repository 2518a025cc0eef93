// Fault `timeout`: drops every byte, as a firewall that has lost the connection's state does.

#include "fakes/src/faults/kinds.h"
#include "fakes/src/faults/network/black_hole.h"

namespace zlayer::fakes::daemon {
namespace {

Reach ReachOf(const v1::Fault& fault) {
  Reach reach = ReachOfCut(fault.timeout().after_bytes() == 0, false);
  reach.in_bytes = true;
  return reach;
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  ChangeConnections(peer, trigger, [timeout = fault.timeout(), trigger](std::uint32_t) {
    BlackHole::Outcome outcome;
    if (timeout.timeout_ms() > 0) {
      outcome = {Piece::Then::close, timeout.timeout_ms() * kNsPerMs};
    }
    return std::make_unique<BlackHole>(timeout.direction(), timeout.after_bytes(), outcome,
                                       trigger);
  });
}

}  // namespace

const FaultKind kTimeoutFault = {"timeout", "", &ReachOf, &NoMistake, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
