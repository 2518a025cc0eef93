// Fault `early_line`: prints the handshake line before the socket listens.

#include <memory>

#include "fakes/src/base/monotonic.h"
#include "fakes/src/faults/kinds.h"
#include "fakes/src/peer/handshake_line.h"

namespace zlayer::fakes::daemon {
namespace {

Reach ReachOf(const v1::Fault& /*fault*/) { return {.stage = Stage::announced, .can_block = true}; }

Mistake Check(const v1::Fault& fault) {
  if (fault.early_line().delay_ms() == 0) return {"delay_ms", "must be above 0"};
  return {};
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  const auto is_printed = std::make_shared<bool>(false);
  peer.before_listen = [ms = fault.early_line().delay_ms(), trigger, is_printed](Start& start) {
    if (!trigger->Happens()) return;
    *is_printed = true;
    PrintHonestLine(start);
    start.signals.WaitOrDie(-1, 0, MonotonicNs() + std::int64_t{ms} * 1'000'000);
  };
  peer.print_line = [is_printed](Start& start) {
    return *is_printed ? AfterLine::serve : PrintHonestLine(start);
  };
}

}  // namespace

const FaultKind kEarlyLineFault = {"early_line", "handshake", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
