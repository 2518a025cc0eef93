// Fault `build_crash`: ends the process in the middle of a Build.

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <memory>

#include "fakes/src/base/monotonic.h"
#include "fakes/src/base/stdio_write.h"
#include "fakes/src/base/unique_fd.h"
#include "fakes/src/faults/kinds.h"
#include "fakes/src/process/leave.h"

namespace zlayer::fakes::daemon {
namespace {

using v1::BuildCrash;

constexpr std::uint32_t kGreatestCode = 255;

Reach ReachOf(const v1::Fault& /*fault*/) { return {.stage = Stage::serving, .in_service = true}; }

Mistake Check(const v1::Fault& fault) {
  const BuildCrash& crash = fault.build_crash();
  if (crash.code() > kGreatestCode) return {"code", "must be 0 to 255"};
  if (crash.code() != 0 && crash.signal() != 0)
    return {"signal", "cannot be set together with code"};
  if (crash.signal() >= NSIG) return {"signal", "must be a signal's number, 1 to 64"};
  return {};
}

[[noreturn]] void End(const BuildCrash& crash, Journal& journal) {
  if (crash.signal() == 0) {
    Leave(journal, static_cast<int>(crash.code()), "the plan's build_crash");
  }
  DieBySignal(static_cast<int>(crash.signal()));
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
    if (wait(-1, 0, due) != Woke::stop) End(crash, journal);
  }

 private:
  const UniqueFd asked_;
};

/// Cuts the script after `after_events` events and adds a step that ends the process.
void Change(const BuildCrash& crash, const std::shared_ptr<LateEnd>& late_end,
            const TriggerPtr& trigger, Journal& journal, BuildScript& script) {
  if (!trigger->Take()) return;
  const auto events = std::min<size_t>(crash.after_events(), script.steps.size());
  script.steps.resize(events);
  BuildScript::Step last;
  if (!crash.refuse()) last.step.set_delay_ms(crash.delay_ms());
  last.first = [crash, late_end, trigger, &journal] {
    trigger->Fired();
    if (!late_end) End(crash, journal);
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
