// Fault `exit`: ends the process at a phase of the start, or while it serves.

#include <unistd.h>

#include "fakes/src/base/monotonic.h"
#include "fakes/src/faults/ending.h"
#include "fakes/src/faults/kinds.h"
#include "fakes/src/process/pipe_writer.h"

namespace zlayer::fakes::daemon {
namespace {

Reach ReachOf(const v1::Fault& fault) {
  return {.stage = StageOf(fault.exit().phase()),
          .ends_start = fault.exit().phase() != v1::SERVING,
          .ends = true,
          .at_once = fault.exit().delay_ms() == 0,
          .fires_after_ms = fault.exit().delay_ms()};
}

Mistake Check(const v1::Fault& fault) {
  return EndingMistake(fault.exit().code(), fault.exit().signal());
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.Add(fault.exit().phase(), trigger,
           [exit = fault.exit(), trigger](Start& start, const Waiter& wait) {
             if (!trigger->Take()) return;
             const std::int64_t due = MonotonicNs() + std::int64_t{exit.delay_ms()} * 1'000'000;
             if (!WriteToPipe(STDERR_FILENO, exit.stderr(), wait)) return;
             if (exit.delay_ms() > 0 && wait(-1, 0, due) == Woke::stop) return;
             trigger->Fired();
             End({exit.code(), exit.signal()}, start.journal, "the plan's exit");
           });
}

}  // namespace

const FaultKind kExitFault = {"exit", "", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
