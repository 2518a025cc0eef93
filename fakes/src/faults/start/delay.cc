// Fault `delay`: waits at a phase of the start, then goes on.

#include "fakes/src/base/monotonic.h"
#include "fakes/src/faults/kinds.h"

namespace zlayer::fakes::daemon {
namespace {

Reach ReachOf(const v1::Fault& fault) {
  return {.stage = StageOf(fault.delay().phase()), .can_block = true};
}

Mistake Check(const v1::Fault& fault) {
  if (fault.delay().ms() == 0) return {"ms", "must be above 0"};
  return NotAtServing(fault.delay().phase());
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.at_phase[fault.delay().phase()].push_back([ms = fault.delay().ms(), trigger](Start& start) {
    if (!trigger->Happens()) return;
    start.signals.WaitOrDie(-1, 0, MonotonicNs() + std::int64_t{ms} * 1'000'000);
  });
}

}  // namespace

const FaultKind kDelayFault = {"delay", "", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
