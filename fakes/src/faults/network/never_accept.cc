// Fault `never_accept`: the kernel establishes connections, and the fake does not accept them.

#include "fakes/src/faults/kinds.h"

namespace zlayer::fakes::daemon {
namespace {

Reach ReachOf(const v1::Fault& /*fault*/) {
  return {.stage = Stage::accepting, .ends_start = true};
}

void Apply(const v1::Fault& /*fault*/, const TriggerPtr& trigger, Peer& peer) {
  peer.stops_accepting = trigger;
}

}  // namespace

const FaultKind kNeverAcceptFault = {"never_accept", "accept", &ReachOf,
                                     &NoMistake,     nullptr,  &Apply};

}  // namespace zlayer::fakes::daemon
