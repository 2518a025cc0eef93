// Fault `ignore_signals`: ignores SIGTERM and SIGINT in every phase of the fake.

#include "fakes/src/faults/kinds.h"

namespace zlayer::fakes::daemon {
namespace {

Reach ReachOf(const v1::Fault& /*fault*/) {
  return {.stage = Stage::background, .fires_in_any_wait = true, .prevents_stop = true};
}

void Apply(const v1::Fault& /*fault*/, const TriggerPtr& trigger, Peer& peer) {
  peer.ignores_signal = [trigger] { return trigger->Happens(); };
}

}  // namespace

const FaultKind kIgnoreSignalsFault = {"ignore_signals", "signals", &ReachOf,
                                       &NoMistake,       nullptr,   &Apply};

}  // namespace zlayer::fakes::daemon
