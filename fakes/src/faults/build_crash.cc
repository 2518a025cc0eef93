// Ends the process in the middle of a Build.

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "fakes/src/faults/kinds.h"
#include "fakes/src/leave.h"
#include "fakes/src/stdio_write.h"

namespace zlayer::fakes {
namespace {

using v1::BuildCrash;

constexpr std::uint32_t kGreatestCode = 255;

Reach ReachOf(const v1::Fault& /*fault*/) { return {.stage = Stage::serving}; }

Mistake Check(const v1::Fault& fault) {
  const BuildCrash& crash = fault.build_crash();
  if (crash.code() > kGreatestCode) return {"code", "must be 0 to 255"};
  if (crash.code() != 0 && crash.signal() != 0) return {"signal", "excludes code"};
  if (crash.signal() >= NSIG) return {"signal", "must be a signal's number, 1 to 64"};
  return {};
}

[[noreturn]] void End(const BuildCrash& crash, Journal& journal) {
  if (crash.signal() == 0) {
    Leave(journal, static_cast<int>(crash.code()), "the plan's build_crash");
  }
  DieBySignal(static_cast<int>(crash.signal()));
}

/// On a thread of its own, which needs nothing of gRPC.
void EndLater(const BuildCrash& crash, Journal& journal) {
  const auto due = std::chrono::steady_clock::now() + std::chrono::milliseconds(crash.delay_ms());
  std::thread([crash, &journal, due] {
    std::this_thread::sleep_until(due);
    End(crash, journal);
  }).detach();
}

void Change(const BuildCrash& crash, const TriggerPtr& trigger, Journal& journal,
            BuildScript& script) {
  if (!trigger->Take()) return;
  const auto events = std::min<size_t>(crash.after_events(), script.steps.size());
  script.steps.resize(events);
  BuildScript::Step last;
  if (!crash.refuse()) last.step.set_delay_ms(crash.delay_ms());
  last.first = [crash, trigger, &journal] {
    trigger->Fired();
    if (!crash.refuse()) End(crash, journal);
    EndLater(crash, journal);
  };
  script.steps.push_back(std::move(last));
  script.status = grpc::Status(grpc::StatusCode::UNAVAILABLE, "the daemon is leaving");
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.build_changes.push_back(
      [crash = fault.build_crash(), trigger](BuildScript& script, Journal& journal) {
        Change(crash, trigger, journal, script);
      });
}

}  // namespace

const FaultKind kBuildCrashFault = {"build_crash", "build", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes
