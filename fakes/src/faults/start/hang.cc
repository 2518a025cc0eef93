// Stops for ever at a phase of the start.

#include "fakes/src/faults/kinds.h"

namespace zlayer::fakes {
namespace {

Reach ReachOf(const v1::Fault& fault) {
  return {.stage = StageOf(fault.hang().phase()), .ends_start = true};
}

Mistake Check(const v1::Fault& fault) { return NotAtServing(fault.hang().phase()); }

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.at_phase[fault.hang().phase()].push_back([trigger](Start& start) {
    if (!trigger->Happens()) return;
    for (;;) start.signals.WaitOrDie(-1, 0, kNoDeadline);
  });
}

}  // namespace

const FaultKind kHangFault = {"hang", "", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes
