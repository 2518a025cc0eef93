// Fault `pause`: stops the whole process for a time, as SIGSTOP and SIGCONT do.

#include <cerrno>
#include <cstring>

#include "fakes/src/base/monotonic.h"
#include "fakes/src/faults/kinds.h"
#include "fakes/src/process/leave.h"
#include "fakes/src/process/stand_still.h"

namespace zlayer::fakes::daemon {
namespace {

Reach ReachOf(const v1::Fault& fault) {
  return {.stage = StageOf(fault.pause().phase()), .can_block = true};
}

Mistake Check(const v1::Fault& fault) {
  if (fault.pause().ms() == 0) return {"ms", "must be above 0"};
  return {};
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.Add(fault.pause().phase(), trigger,
           [ms = fault.pause().ms(), trigger](Start& start, const Waiter& wait) {
             if (!trigger->Happens()) return;
             if (!StandStillUntil(MonotonicNs() + std::int64_t{ms} * 1'000'000)) {
               Leave(start.journal, kExitStartFailed,
                     std::string("cannot pause: ") + std::strerror(errno));
             }
             // Handle a signal that came during the pause before the start goes on.
             (void)ShouldStop(wait);
           });
}

}  // namespace

const FaultKind kPauseFault = {"pause", "", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
