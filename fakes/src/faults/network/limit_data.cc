// Fault `limit_data`: closes a connection after `bytes`, without a close_notify of TLS.

#include "fakes/src/faults/kinds.h"
#include "fakes/src/faults/network/cut.h"

namespace zlayer::fakes::daemon {
namespace {

Reach ReachOf(const v1::Fault& fault) { return ReachOfCut(fault.limit_data().bytes() == 0, true); }

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  ChangeConnections(peer, trigger, [cut = fault.limit_data(), trigger](std::uint32_t) {
    return std::make_unique<Cut>(cut.direction(), cut.bytes(), Piece::Then::close, trigger);
  });
}

}  // namespace

const FaultKind kLimitDataFault = {"limit_data", "", &ReachOf, &NoMistake, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
