// Takes no notice of SIGTERM and SIGINT, whatever the fake is doing.

#include "fakes/src/faults/kinds.h"

namespace zlayer::fakes {
namespace {

Reach ReachOf(const v1::Fault& /*fault*/) {
  return {.stage = Stage::serving, .needs_a_wait = true};
}

void Apply(const v1::Fault& /*fault*/, const TriggerPtr& trigger, Peer& peer) {
  peer.ignores_signal = [trigger] { return trigger->Happens(); };
}

}  // namespace

const FaultKind kIgnoreSignalsFault = {"ignore_signals", "signals", &ReachOf,
                                       &NoMistake,       nullptr,   &Apply};

}  // namespace zlayer::fakes
