// Fault `build_crash`: ends the process in the middle of a Build.

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "fakes/src/base/monotonic.h"
#include "fakes/src/base/unique_fd.h"
#include "fakes/src/faults/ending.h"
#include "fakes/src/faults/kinds.h"

namespace zlayer::fakes::daemon {
namespace {

using v1::BuildCrash;

Reach ReachOf(const v1::Fault& fault) {
  const BuildCrash& crash = fault.build_crash();
  return {.ends = !crash.refuse(),
          .in_http2 = true,
          .in_service = true,
          .fires_after_ms = crash.refuse() ? 0 : crash.delay_ms()};
}

Mistake Check(const v1::Fault& fault) {
  return EndingMistake(fault.build_crash().code(), fault.build_crash().signal());
}

[[noreturn]] void EndAs(const BuildCrash& crash, Journal& journal) {
  End({crash.code(), crash.signal()}, journal, "the plan's build_crash");
}

/// Ends the process `delay_ms` after Ask(). The wait is in a background thread: Ask() runs on one
/// of gRPC's threads, which must not block. The thread exists before Ask(), because a thread
/// started then could start late on a busy machine.
class LateEnd {
 public:
  LateEnd() : asked_(eventfd(0, EFD_CLOEXEC)) {}

  /// Never blocks. Called on a thread of gRPC.
  void Ask() const { eventfd_write(asked_.get(), 1); }

  void AwaitAndEnd(const BuildCrash& crash, Journal& journal, const Waiter& wait) const {
    if (wait(asked_.get(), POLLIN, kNoDeadline) == Woke::stop) return;
    const std::int64_t due = MonotonicNs() + std::int64_t{crash.delay_ms()} * 1'000'000;
    if (wait(-1, 0, due) != Woke::stop) EndAs(crash, journal);
  }

 private:
  const UniqueFd asked_;
};

/// Cuts the script after `events` events. A repeated step is as many events; a hold is none.
void CutAfter(std::uint64_t events, std::vector<BuildScript::Step>& steps) {
  size_t kept = 0;
  for (; kept < steps.size() && events > 0; ++kept) {
    v1::BuildStep& step = steps[kept].step;
    if (!step.has_event()) continue;
    const std::uint64_t sent = std::min<std::uint64_t>(events, std::max(1u, step.repeat()));
    if (sent < step.repeat()) step.set_repeat(static_cast<std::uint32_t>(sent));
    events -= sent;
  }
  steps.resize(kept);
}

/// Cuts the script after `after_events` events and adds a step that ends the process.
void Change(const BuildCrash& crash, const std::shared_ptr<LateEnd>& late_end,
            const TriggerPtr& trigger, Journal& journal, BuildScript& script) {
  if (!trigger->Take()) return;
  CutAfter(crash.after_events(), script.steps);
  BuildScript::Step last;
  if (!crash.refuse()) last.step.set_delay_ms(crash.delay_ms());
  last.first = [crash, late_end, trigger, &journal] {
    trigger->Fired();
    if (!late_end) EndAs(crash, journal);
    late_end->Ask();
  };
  script.steps.push_back(std::move(last));
  script.status = grpc::Status(grpc::StatusCode::UNAVAILABLE, "the daemon is leaving");
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  const BuildCrash& crash = fault.build_crash();
  std::shared_ptr<LateEnd> late_end;
  if (crash.refuse()) {
    late_end = std::make_shared<LateEnd>();
    peer.beside.push_back([crash, late_end](Start& start, const Waiter& wait) {
      late_end->AwaitAndEnd(crash, start.journal, wait);
    });
  }
  peer.build_changes.push_back([crash, late_end, trigger](BuildScript& script, Journal& journal) {
    Change(crash, late_end, trigger, journal, script);
  });
}

}  // namespace

const FaultKind kBuildCrashFault = {"build_crash", "build", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
