// Fault `health`: grpc.health.v1 answers NOT_SERVING, or changes its answer again and again.

#include <atomic>
#include <memory>

#include "fakes/src/base/monotonic.h"
#include "fakes/src/faults/defaults.h"
#include "fakes/src/faults/kinds.h"

namespace zlayer::fakes::daemon {
namespace {

Reach ReachOf(const v1::Fault& fault) {
  const bool is_once = fault.health().how() == v1::Health::NOT_SERVING;
  return {
      .stage = is_once ? Stage::background : Stage::serving, .in_http2 = true, .in_service = true};
}

/// The `when` of the fault may hold only some time after the start.
bool Waits(const v1::Trigger& when) {
  return when.after_ms() != 0 || when.after_signal() != 0 || when.after_rpcs() != 0 ||
         !when.after_fault().empty();
}

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

/// Fires when a client hears of a change, and not already when the report changes: a client may ask
/// only once it has changed back, or never.
class Report {
 public:
  explicit Report(TriggerPtr trigger) : trigger_(std::move(trigger)) {}

  /// Changes the report if the fault happens.
  void Change(Start& start) {
    if (!trigger_->Take()) return;
    serving_ = !serving_;
    start.set_serving(serving_);
    is_news_ = true;
  }

  void Told() {
    if (is_news_.exchange(false)) trigger_->Fired();
  }

 private:
  const TriggerPtr trigger_;
  bool serving_ = true;
  std::atomic<bool> is_news_ = false;
};

/// Runs in the background: changes the report at each period in which the trigger happens.
void Flap(std::uint32_t period_ms, Report& report, Start& start, const Waiter& wait) {
  const std::int64_t period_ns = std::int64_t{period_ms} * 1'000'000;
  std::int64_t due = MonotonicNs();
  for (; wait(-1, 0, due) != Woke::stop; due = MonotonicNs() + period_ns) report.Change(start);
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  const auto report = std::make_shared<Report>(trigger);
  peer.at_phase[v1::SERVING].push_back([report, activity = peer.activity](Start&) {
    activity->AtHealthAnswer([report] { report->Told(); });
  });
  peer.at_disarm.push_back([activity = peer.activity](Start& start) {
    activity->AtHealthAnswer(nullptr);
    start.set_serving(true);
  });
  if (fault.health().how() == v1::Health::NOT_SERVING) {
    if (!Waits(fault.when())) {  // before the first connection
      peer.at_phase[v1::SERVING].push_back([report](Start& start) { report->Change(start); });
      return;
    }
    peer.Add(v1::SERVING, trigger,
             [report](Start& start, const Waiter&) { report->Change(start); });
    return;
  }
  const std::uint32_t period =
      fault.health().period_ms() == 0 ? kDefaultFlapPeriodMs : fault.health().period_ms();
  peer.beside.push_back(
      [period, report](Start& start, const Waiter& wait) { Flap(period, *report, start, wait); });
}

}  // namespace

const FaultKind kHealthFault = {"health", "health", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
