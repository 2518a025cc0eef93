// Stands still when it is told to stop.

#include "fakes/src/faults/kinds.h"
#include "fakes/src/process/stand_still.h"

namespace zlayer::fakes {
namespace {

Reach ReachOf(const v1::Fault& /*fault*/) {
  return {.stage = Stage::serving, .needs_a_wait = true};
}

void Apply(const v1::Fault& /*fault*/, const TriggerPtr& trigger, Peer& peer) {
  // The signal has its effect as soon as the process goes on.
  peer.ignores_signal = [trigger] {
    if (trigger->Happens()) StandStillUntil(kNoDeadline);
    return false;
  };
}

}  // namespace

const FaultKind kStopSelfFault = {"stop_self", "signals", &ReachOf, &NoMistake, nullptr, &Apply};

}  // namespace zlayer::fakes
