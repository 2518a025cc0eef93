// Fault `health`: grpc.health.v1 answers NOT_SERVING, or changes its answer again and again.

#include "fakes/src/base/monotonic.h"
#include "fakes/src/faults/defaults.h"
#include "fakes/src/faults/kinds.h"

namespace zlayer::fakes::daemon {
namespace {

Reach ReachOf(const v1::Fault& /*fault*/) { return {.stage = Stage::serving}; }

Mistake Check(const v1::Fault& fault) {
  const v1::Health& health = fault.health();
  if (health.how() == v1::Health::HOW_UNSET) {
    return NotSet("how", v1::Health::How_descriptor());
  }
  if (health.how() != v1::Health::FLAPPING && health.period_ms() != 0) {
    return {"period_ms", "only FLAPPING has a period"};
  }
  return {};
}

/// Runs in the background: changes the answer at each period in which the trigger happens.
void Flap(std::uint32_t period_ms, Trigger& trigger, Start& start, const Waiter& wait) {
  const std::int64_t period_ns = std::int64_t{period_ms} * 1'000'000;
  std::int64_t due = MonotonicNs();
  for (bool serving = true; wait(-1, 0, due) != Woke::stop; due = MonotonicNs() + period_ns) {
    if (!trigger.Happens()) continue;
    serving = !serving;
    start.set_serving(serving);
  }
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.at_disarm.push_back([](Start& start) { start.set_serving(true); });
  if (fault.health().how() == v1::Health::NOT_SERVING) {
    peer.at_phase[v1::SERVING].push_back([trigger](Start& start) {
      if (trigger->Happens()) start.set_serving(false);
    });
    return;
  }
  const std::uint32_t period =
      fault.health().period_ms() == 0 ? kDefaultFlapPeriodMs : fault.health().period_ms();
  peer.beside.push_back(
      [period, trigger](Start& start, const Waiter& wait) { Flap(period, *trigger, start, wait); });
}

}  // namespace

const FaultKind kHealthFault = {"health", "health", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
