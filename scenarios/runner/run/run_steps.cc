#include "scenarios/runner/run/run_steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <optional>
#include <stop_token>
#include <thread>

#include "scenarios/runner/catalog/check_step.h"
#include "scenarios/runner/process/alarm.h"
#include "scenarios/runner/process/token_processes.h"
#include "scenarios/runner/run/host_steps.h"
#include "scenarios/runner/run/signal_sidecar.h"

namespace zlayer::scenarios {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// A client that has not answered this long after a step's max_ms hangs: its processes are killed.
constexpr milliseconds kPatience{2'000};

class StepRunner {
 public:
  StepRunner(const Stage& stage, ScenarioResult* result)
      : scenario_(stage.scenario),
        adapter_(stage.adapter),
        world_(stage.world),
        client_(stage.client),
        timeline_(stage.timeline),
        result_(result),
        key_(world_->Key()) {}

  void RunAll();

 private:
  void Step(int index);
  Observation ActInTime(const v1::Step& step, const std::string& name);
  Observation Act(const v1::Step& step);
  Observation Ensure(const std::string& cancel_at);
  steady_clock::time_point Since(const std::string& since, steady_clock::time_point begin);
  Observation Signal(int number);
  Observation ReusePid();
  Observation AwaitEvent(const v1::WaitEvent& wait);
  void CheckRemoteAlive();
  /// Keeps the first reason: later ones follow from it.
  void HarnessError(std::string why) {
    if (result_->reason.empty()) result_->reason = std::move(why);
  }
  bool wrong() const { return !result_->violations.empty() || !result_->reason.empty(); }

  const v1::Scenario& scenario_;
  const std::vector<std::string>& adapter_;
  World* world_;
  Client* client_;
  Timeline* timeline_;
  ScenarioResult* result_;
  const std::string key_;  // key.pem before the first step
  std::string sidecar_;    // Observation::sidecar of the last step that had one
  std::optional<steady_clock::time_point> cancelled_;  // when the last ensure was cancelled
  bool signalled_ = false;  // a step has signalled the sidecar, so it may end
};

Observation StepRunner::Signal(int number) {
  signalled_ = true;
  if (!SignalSidecar(*world_, number)) HarnessError("kill_sidecar: there is no sidecar to signal");
  return {};
}

Observation StepRunner::AwaitEvent(const v1::WaitEvent& wait) {
  const std::uint32_t count = std::max(wait.count(), 1u);
  if (!world_->journal().Await(wait.event(), count, Deadline(kStepLimit))) {
    HarnessError(fmt::format("wait_event: the journal never held {} of {}", count, wait.event()));
  }
  return {};
}

Observation StepRunner::Ensure(const std::string& cancel_at) {
  cancelled_.reset();
  if (cancel_at.empty()) return client_->Ensure({});
  std::stop_source cancel;
  const std::jthread caller([&](const std::stop_token& ended) {
    if (!world_->journal().Await(cancel_at, 1, Deadline(kStepLimit), ended)) return;
    cancelled_ = steady_clock::now();
    timeline_->Add("runner", "the caller gives up");
    cancel.request_stop();
  });
  return client_->Ensure(cancel.get_token());
}

steady_clock::time_point StepRunner::Since(const std::string& since,
                                           steady_clock::time_point begin) {
  if (since.empty()) return begin;
  const auto at = since == kSinceCancel ? cancelled_ : world_->journal().Last(since);
  if (!at) HarnessError(fmt::format("since: there was no {}", since));
  return at.value_or(begin);
}

Observation StepRunner::ReusePid() {
  if (auto reused = world_->ReusePid(LastSidecar(world_->journal())); !reused) {
    // Without the right to choose a pid the scenario cannot be run here.
    if (reused.error() == EPERM) result_->status = Status::skipped;
    HarnessError(fmt::format("reuse_pid: {}", std::strerror(reused.error())));
  }
  return {};
}

Observation StepRunner::Act(const v1::Step& step) {
  switch (step.action_case()) {
    case v1::Step::kEnsure:
      return Ensure(step.ensure().cancel_at());
    case v1::Step::kParallelEnsure:
      return client_->ParallelEnsure(step.parallel_ensure().threads());
    case v1::Step::kDrop:
      return client_->Drop();
    case v1::Step::kShutdown:
      return client_->Shutdown();
    case v1::Step::kHealth:
      return client_->Health(step.health());
    case v1::Step::kBuild:
      return client_->Build(step.build());
    case v1::Step::kKillSidecar:
      return Signal(step.kill_sidecar().signal());
    case v1::Step::kWaitEvent:
      return AwaitEvent(step.wait_event());
    case v1::Step::kAwaitLost:
      return client_->AwaitLost(step.expect().max_ms() != 0 ? milliseconds(step.expect().max_ms())
                                                            : kStepLimit);
    case v1::Step::kInspectSiblings:
      return client_->InspectSiblings(kStepLimit);
    case v1::Step::kReusePid:
      return ReusePid();
    case v1::Step::kKillHost:
    case v1::Step::kInterruptHost:
    case v1::Step::kParallelHosts:
      return ActOnHosts(step, {adapter_, *world_, timeline_}, result_);
    case v1::Step::ACTION_NOT_SET:
      break;
  }
  return {};
}

/// Runs the step, and kills every process with the world's token when the client does not answer in
/// time. An embedded client then returns, because the sidecar that it waits for is dead; a client
/// that is a program is killed itself. With a max_ms that is a violation, without one a harness
/// error.
Observation StepRunner::ActInTime(const v1::Step& step, const std::string& name) {
  const std::uint32_t max_ms = step.expect().max_ms();
  const milliseconds limit = max_ms != 0 ? milliseconds(max_ms) + kPatience : kStepLimit * 2;
  std::atomic<bool> given_up = false;
  Observation seen;
  {
    const Alarm alarm(limit, [&] {
      given_up = true;
      KillAll(FindByToken(world_->token()));
    });
    seen = Act(step);
  }
  if (!given_up) {
    HarnessError(client_->broken());
  } else if (max_ms == 0) {
    HarnessError(
        fmt::format("{}: no answer within {} ms; its processes were killed", name, limit.count()));
  } else {
    result_->violations.push_back(
        {Verdict::outcome, name, fmt::format("an answer within {} ms", max_ms),
         fmt::format("none after {} ms; its processes were killed", limit.count())});
  }
  return seen;
}

void StepRunner::Step(int index) {
  const v1::Step& step = scenario_.step(index);
  const std::string name = fmt::format("step {}, {}", index + 1, ActionName(step));
  StepAnswer answer;
  answer.previous_sidecar = sidecar_;
  timeline_->Add("runner", name);
  const auto begin = steady_clock::now();
  answer.seen = ActInTime(step, name);
  const auto end = steady_clock::now();
  if (wrong()) return;
  const Observation& seen = answer.seen;
  timeline_->Add("client",
                 seen.ok() ? "done" : fmt::format("answers {}: {}", seen.error, seen.message), end);
  answer.took = end - Since(step.expect().since(), begin);
  answer.new_key = world_->Key() != key_;
  answer.private_key = world_->KeyIsPrivate();
  answer.starts = world_->journal().Count("started");
  if (!seen.sidecar.empty()) sidecar_ = seen.sidecar;
  if (!seen.stderr_tail.empty()) result_->stderr_tail = seen.stderr_tail;
  for (Violation& violation : JudgeStep(name, step.expect(), answer, world_->placeholders())) {
    result_->violations.push_back(std::move(violation));
  }
}

void StepRunner::RunAll() {
  for (int i = 0; i < scenario_.step_size() && !wrong(); ++i) Step(i);
  CheckRemoteAlive();
}

/// A client must not stop a sidecar that it did not start.
void StepRunner::CheckRemoteAlive() {
  if (wrong() || world_->remote() == nullptr || signalled_ || world_->remote()->alive()) return;
  result_->violations.push_back({Verdict::aftermath, "aftermath",
                                 "the remote sidecar keeps running: the client does not own it",
                                 "it has ended"});
}

}  // namespace

void RunSteps(const Stage& stage, ScenarioResult* result) { StepRunner(stage, result).RunAll(); }

}  // namespace zlayer::scenarios
