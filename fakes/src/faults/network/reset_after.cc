// Fault `reset_after`: resets a connection after `bytes`.

#include "fakes/src/faults/kinds.h"
#include "fakes/src/faults/network/cut.h"

namespace zlayer::fakes::daemon {
namespace {

Reach ReachOf(const v1::Fault& fault) { return ReachOfCut(fault.reset_after().bytes() == 0, true); }

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  ChangeConnections(peer, trigger, [cut = fault.reset_after(), trigger](std::uint32_t) {
    return std::make_unique<Cut>(cut.direction(), cut.bytes(), Piece::Then::reset, trigger);
  });
}

}  // namespace

const FaultKind kResetAfterFault = {"reset_after", "", &ReachOf, &NoMistake, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
