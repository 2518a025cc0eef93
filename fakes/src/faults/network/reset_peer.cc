// Resets a connection instead of passing on what comes, at once or after a while.

#include "fakes/src/faults/kinds.h"
#include "fakes/src/faults/network/stall.h"

namespace zlayer::fakes {
namespace {

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  ChangeConnections(peer, trigger, [reset = fault.reset_peer(), trigger](std::uint32_t) {
    const Stall::End end{Piece::Then::reset, reset.timeout_ms() * kNsPerMs};
    return std::make_unique<Stall>(reset.direction(), reset.after_bytes(), end, trigger);
  });
}

}  // namespace

const FaultKind kResetPeerFault = {"reset_peer", "",      &ReachOfConnection,
                                   &NoMistake,   nullptr, &Apply};

}  // namespace zlayer::fakes
