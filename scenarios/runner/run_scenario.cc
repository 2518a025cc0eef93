#include "scenarios/runner/run_scenario.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>

#include <atomic>
#include <optional>
#include <stop_token>
#include <thread>

#include "scenarios/runner/aftermath.h"
#include "scenarios/runner/alarm.h"
#include "scenarios/runner/check_step.h"
#include "scenarios/runner/kill_host.h"
#include "scenarios/runner/scoped_environment.h"
#include "scenarios/runner/timeout_scale.h"
#include "scenarios/runner/token_processes.h"
#include "scenarios/runner/world.h"

namespace zlayer::scenarios {
namespace {

using std::chrono::steady_clock;

/// One scenario under way.
class Run {
 public:
  Run(const v1::Scenario& scenario, const std::vector<std::string>& host, World* world,
      Client* client, ScenarioResult* result)
      : scenario_(scenario),
        host_(host),
        world_(world),
        client_(client),
        result_(result),
        key_(world->Key()) {}

  void Steps();
  void RemoteStillAlive();

 private:
  void Step(int index);
  Observation Act(const v1::Step& step);
  Observation Ensure(const std::string& cancel_at);
  steady_clock::time_point Since(const std::string& since, steady_clock::time_point begin);
  Observation Signal(int number);
  Observation AwaitEvent(const v1::WaitEvent& wait);
  void HarnessError(std::string why) {
    if (result_->harness_error.empty()) result_->harness_error = std::move(why);
  }

  const v1::Scenario& scenario_;
  const std::vector<std::string>& host_;
  World* world_;
  Client* client_;
  ScenarioResult* result_;
  const std::string key_;  // key.pem before the first step
  std::string sidecar_;    // identity of the last one seen
  std::optional<steady_clock::time_point> cancelled_;
  bool signalled_ = false;
};

/// Signals the fake that was started last: behind a wrapper it is not the process that the client
/// knows. After SIGKILL its end is awaited: until then its port still takes connections.
Observation Run::Signal(int number) {
  const auto entries = world_->journal().Entries();
  pid_t pid = 0;
  for (const auto& entry : entries ? *entries : std::vector<fakes::v1::JournalEntry>()) {
    if (entry.has_started()) pid = entry.pid();
  }
  const TokenProcess process = PinByToken(pid, world_->token());
  signalled_ = true;
  if (!process.pidfd ||
      syscall(SYS_pidfd_send_signal, process.pidfd.get(), number, nullptr, 0) != 0) {
    HarnessError("kill_sidecar: there is no sidecar to signal");
  } else if (number == SIGKILL) {
    pollfd ended{process.pidfd.get(), POLLIN, 0};
    poll(&ended, 1, Deadline(kStepLimit).poll_ms());
  }
  return {};
}

Observation Run::AwaitEvent(const v1::WaitEvent& wait) {
  const std::uint32_t count = std::max(wait.count(), 1u);
  if (!world_->journal().Await(wait.event(), count, Deadline(kStepLimit))) {
    HarnessError(fmt::format("wait_event: the journal never held {} of {}", count, wait.event()));
  }
  return {};
}

Observation Run::Ensure(const std::string& cancel_at) {
  cancelled_.reset();
  if (cancel_at.empty()) return client_->Ensure({});
  std::stop_source cancel;
  const std::jthread caller([&](const std::stop_token& ended) {
    if (!world_->journal().Await(cancel_at, 1, Deadline(kStepLimit), ended)) return;
    cancelled_ = steady_clock::now();
    cancel.request_stop();
  });
  return client_->Ensure(cancel.get_token());
}

steady_clock::time_point Run::Since(const std::string& since, steady_clock::time_point begin) {
  if (since.empty()) return begin;
  const auto at = since == kSinceCancel ? cancelled_ : world_->journal().Last(since);
  if (!at) HarnessError(fmt::format("since: there was no {}", since));
  return at.value_or(begin);
}

Observation Run::Act(const v1::Step& step) {
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
      return client_->Health();
    case v1::Step::kBuild:
      return client_->Build(step.build().leave_open() ? BuildMode::leave_open
                            : step.build().cancel()   ? BuildMode::cancel
                                                      : BuildMode::whole);
    case v1::Step::kKillSidecar:
      return Signal(step.kill_sidecar().signal());
    case v1::Step::kWaitEvent:
      return AwaitEvent(step.wait_event());
    case v1::Step::kAwaitLost:
      return client_->AwaitLost(kStepLimit);
    case v1::Step::kKillHost:
      if (auto killed = KillHost(step.kill_host(), host_, *world_); !killed) {
        HarnessError(killed.error());
      }
      return {};
    case v1::Step::ACTION_NOT_SET:
      break;
  }
  return {};
}

void Run::Step(int index) {
  const v1::Step& step = scenario_.step(index);
  StepAnswer answer;
  answer.previous_sidecar = sidecar_;
  const auto begin = steady_clock::now();
  answer.seen = Act(step);
  const auto end = steady_clock::now();
  answer.took = end - Since(step.expect().since(), begin);
  answer.new_key = world_->Key() != key_;
  if (!answer.seen.sidecar.empty()) sidecar_ = answer.seen.sidecar;
  if (!answer.seen.stderr_tail.empty()) result_->stderr_tail = answer.seen.stderr_tail;
  for (Violation& violation : JudgeStep(fmt::format("step {}, {}", index + 1, ActionName(step)),
                                        step.expect(), answer, world_->placeholders())) {
    result_->violations.push_back(std::move(violation));
  }
}

/// Ends at the first step that goes wrong: the next ones build on it.
void Run::Steps() {
  for (int i = 0; i < scenario_.step_size(); ++i) {
    Step(i);
    if (!result_->violations.empty() || !result_->harness_error.empty()) return;
  }
}

/// The client does not own what it did not start.
void Run::RemoteStillAlive() {
  if (world_->remote() == nullptr || signalled_ || world_->remote()->alive()) return;
  result_->violations.push_back({Verdict::aftermath, "aftermath",
                                 "the remote sidecar runs on: the client does not own it",
                                 "it has ended"});
}

void ReadJournal(const v1::Scenario& scenario, const Journal& journal, ScenarioResult* result) {
  const auto entries = journal.Entries();
  if (!entries) {
    result->harness_error = entries.error();
    return;
  }
  bool armed = false;
  for (const auto& entry : *entries) {
    result->journal.push_back(ForPeople(entry, entries->front().monotonic_ns()));
    armed |= entry.has_fault_armed();
  }
  if (!result->harness_error.empty()) return;
  result->harness_error = UnfiredFault(*entries);
  if (scenario.plan().fault_size() > 0 && !armed) {
    result->harness_error = "the plan's faults were never armed: no fake read it";
  }
}

void RunInWorld(const v1::Scenario& scenario, const Rig& rig, World* world,
                ScenarioResult* result) {
  const Footprint before = Footprint::OfThisProcess();
  std::atomic<bool> overrun = false;
  {
    // A client that never comes back waits for something: that is killed.
    const Alarm alarm(kStepLimit * 2, [&] {
      overrun = true;
      KillAll(FindByToken(world->token()));
    });
    const auto& variables = scenario.world().environment();
    const ScopedEnvironment environment({variables.begin(), variables.end()});
    const std::unique_ptr<Client> client = rig.make_client();
    client->Configure(world->setup());
    Run run(scenario, rig.host, world, client.get(), result);
    run.Steps();
    run.RemoteStillAlive();
  }
  if (overrun) result->harness_error = "took too long; its processes were killed";
  if (world->remote() != nullptr) world->remote()->Stop();
  const auto aftermath = kAftermathLimit * rig.timeout_scale;
  for (Violation& violation : JudgeAftermath(
           world->token(), before, std::chrono::ceil<std::chrono::milliseconds>(aftermath))) {
    result->violations.push_back(std::move(violation));
  }
  ReadJournal(scenario, world->journal(), result);
}

}  // namespace

ScenarioResult RunScenario(const CatalogEntry& entry, const Rig& rig) {
  ScenarioResult result;
  result.name = entry.name;
  result.rerun = rig.rerun + " " + entry.name;
  const auto begin = steady_clock::now();
  const v1::Scenario scenario = Scaled(entry.scenario, rig.timeout_scale);
  auto world = World::Make(scenario, rig.fake);
  if (world) {
    RunInWorld(scenario, rig, &*world, &result);
  } else {
    result.harness_error = world.error();
  }
  result.took = steady_clock::now() - begin;
  // A client that breaks a promise can also keep a fault from firing; the promise is the news.
  if (!result.violations.empty()) {
    result.status = Status::failed;
  } else if (!result.harness_error.empty()) {
    result.status = Status::harness_error;
  }
  return result;
}

}  // namespace zlayer::scenarios
