// Fault `stop`: after the drain, ends late, with an exit status or by a signal.
//
// The faults of this folder, stop/, change how the fake reacts to SIGTERM and SIGINT. `stop` sets
// Peer::stop, which runs after the drain; the other two set Peer::ignores_signal, which runs when
// the signal is read, in any phase.

#include "fakes/src/base/monotonic.h"
#include "fakes/src/faults/ending.h"
#include "fakes/src/faults/kinds.h"

namespace zlayer::fakes::daemon {
namespace {

Reach ReachOf(const v1::Fault& /*fault*/) {
  return {.stage = Stage::background, .ends = true, .at_stop = true};
}

Mistake Check(const v1::Fault& fault) {
  const v1::Stop& stop = fault.stop();
  if (stop.delay_ms() == 0 && stop.code() == 0 && stop.signal() == 0) {
    return {"delay_ms", "none of delay_ms, code and signal is set"};
  }
  return EndingMistake(stop.code(), stop.signal());
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.stop = [stop = fault.stop(), trigger](Start& start) {
    if (!trigger->Happens()) return;
    const std::int64_t due = MonotonicNs() + std::int64_t{stop.delay_ms()} * 1'000'000;
    while (start.signals.Wait(-1, 0, due) == Woke::stop) {
    }
    End({stop.code(), stop.signal()}, start.journal, "the plan's stop");
  };
}

}  // namespace

const FaultKind kStopFault = {"stop", "stop", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
