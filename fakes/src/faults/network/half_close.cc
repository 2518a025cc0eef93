// Fault `half_close`: ends one direction of a connection after `after_bytes`; the other goes on.

#include "fakes/src/faults/kinds.h"
#include "fakes/src/faults/network/cut.h"

namespace zlayer::fakes::daemon {
namespace {

Reach ReachOf(const v1::Fault& fault) {
  return ReachOfCut(fault.half_close().after_bytes() == 0, false);
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  ChangeConnections(peer, trigger, [cut = fault.half_close(), trigger](std::uint32_t) {
    return std::make_unique<Cut>(cut.direction(), cut.after_bytes(), Piece::Then::end, trigger);
  });
}

}  // namespace

const FaultKind kHalfCloseFault = {"half_close", "", &ReachOf, &NoMistake, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
