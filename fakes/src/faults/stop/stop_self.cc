// Fault `stop_self`: a stop signal stops the process, as SIGSTOP does, instead of ending it.

#include "fakes/src/faults/kinds.h"
#include "fakes/src/process/stand_still.h"

namespace zlayer::fakes::daemon {
namespace {

Reach ReachOf(const v1::Fault& /*fault*/) {
  return {.stage = Stage::background, .fires_in_any_wait = true};
}

void Apply(const v1::Fault& /*fault*/, const TriggerPtr& trigger, Peer& peer) {
  // Returns false: once the process is continued, the signal has its usual effect.
  peer.ignores_signal = [trigger] {
    if (trigger->Happens()) StandStillUntil(kNoDeadline);
    return false;
  };
}

}  // namespace

const FaultKind kStopSelfFault = {"stop_self", "signals", &ReachOf, &NoMistake, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
