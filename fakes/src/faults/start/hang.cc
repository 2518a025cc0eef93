// Fault `hang`: waits for ever at a phase of the start.
//
// Most faults of this folder, start/, add a step to Peer::at_phase, which the main thread runs when
// the start reaches the phase. Faults that may also act at SERVING use Peer::Add(). A step waits
// only through Signals or its Waiter, so SIGTERM kills a hung start, as it kills the real daemon.

#include "fakes/src/faults/kinds.h"

namespace zlayer::fakes::daemon {
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

}  // namespace zlayer::fakes::daemon
