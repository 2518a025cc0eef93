#include "scenarios/runner/run/run_scenario.h"

#include <fmt/format.h>

#include "scenarios/runner/catalog/needs.h"
#include "scenarios/runner/catalog/timeout_scale.h"
#include "scenarios/runner/judge/aftermath.h"
#include "scenarios/runner/process/scoped_environment.h"
#include "scenarios/runner/report/timeline.h"
#include "scenarios/runner/run/run_steps.h"
#include "scenarios/runner/world/world.h"

namespace zlayer::scenarios {
namespace {

using std::chrono::steady_clock;

/// Adds the journal to the timeline. Sets `reason` when the scenario proved nothing: a fault was
/// armed and never fired, or no fake read the plan.
void ReadJournal(const v1::Scenario& scenario, const Journal& journal, Timeline* timeline,
                 ScenarioResult* result) {
  const auto entries = journal.Entries();
  if (!entries) {
    result->reason = entries.error();
    return;
  }
  bool armed = false;
  for (const auto& entry : *entries) {
    // The journal's clock is CLOCK_MONOTONIC, as steady_clock is.
    timeline->Add(fmt::format("pid {}", entry.pid()), ForPeople(entry),
                  steady_clock::time_point(std::chrono::nanoseconds(entry.monotonic_ns())));
    armed |= entry.has_fault_armed();
  }
  if (!result->reason.empty()) return;
  result->reason = UnfiredFault(*entries);
  if (scenario.plan().fault_size() > 0 && !armed) {
    result->reason = "the plan's faults were never armed: no fake read it";
  }
}

/// The first capability that the scenario needs and the client does not declare, as a reason to
/// skip. Empty when there is none.
std::string MissingCapability(const v1::Scenario& scenario, const Client& client) {
  for (const v1::Capability need : Needs(scenario)) {
    if (!client.Can(need)) {
      return fmt::format("needs {}, which the client does not declare", v1::Capability_Name(need));
    }
  }
  return "";
}

/// Runs the command. False when the scenario is skipped.
bool RunAsCommand(const v1::Scenario& scenario, const ClientCommand& command, const World& world,
                  Timeline* timeline, ScenarioResult* result) {
  result->reason = UnfitForCommand(scenario, command);
  if (!result->reason.empty()) {
    result->status = Status::skipped;
    return false;
  }
  RunCommand(scenario, command, world, timeline, result);
  return true;
}

/// Makes a client, runs the steps with it, and destroys it. False when the scenario is skipped.
bool RunClient(const v1::Scenario& scenario, const Rig& rig, World* world, Timeline* timeline,
               ScenarioResult* result) {
  const auto& variables = scenario.world().environment();
  const ScopedEnvironment environment({variables.begin(), variables.end()});
  const std::unique_ptr<Client> client = rig.make_client();
  ClientSetup setup = world->setup();
  setup.host = scenario.world().host();
  setup.log = [timeline](std::string_view line) { timeline->Add("client", line); };
  client->Configure(setup);
  result->reason = client->broken();
  if (!result->reason.empty()) return true;
  result->reason = MissingCapability(scenario, *client);
  if (!result->reason.empty()) {
    result->status = Status::skipped;
    return false;
  }
  RunSteps({scenario, rig.adapter, world, client.get(), timeline}, result);
  client->Release();
  if (result->reason.empty() && result->violations.empty()) result->reason = client->broken();
  return true;
}

/// After reuse_pid another process has the dead sidecar's pid. A client that signals by number
/// kills that process. Call this after the client is destroyed, because its destructor may signal,
/// too.
void CheckSquatterAlive(const World& world, ScenarioResult* result) {
  if (world.squatter() == nullptr || world.squatter()->alive()) return;
  result->violations.push_back({Verdict::aftermath, "aftermath",
                                "no signal to the process that now has the sidecar's pid",
                                "it was killed"});
}

/// How long a process of the sidecar may still live.
std::chrono::milliseconds AftermathLimit(const v1::Scenario& scenario, const Rig& rig) {
  auto limit = std::chrono::ceil<std::chrono::milliseconds>(kAftermathLimit * rig.timeout_scale);
  for (const v1::Step& step : scenario.step()) {
    if (step.kill_host().after_grace()) {
      limit += std::chrono::milliseconds(scenario.client().grace_ms());
    }
  }
  return limit;
}

void RunInWorld(const v1::Scenario& scenario, const Rig& rig, World* world,
                ScenarioResult* result) {
  Timeline timeline;
  const Footprint before = Footprint::OfThisProcess();
  const bool ran = rig.command ? RunAsCommand(scenario, *rig.command, *world, &timeline, result)
                               : RunClient(scenario, rig, world, &timeline, result);
  CheckSquatterAlive(*world, result);
  world->StopOthers();  // the runner's own daemons carry the token, too
  if (!ran || result->status == Status::skipped) return;
  for (Violation& violation :
       JudgeAftermath(world->token(), before, AftermathLimit(scenario, rig))) {
    result->violations.push_back(std::move(violation));
  }
  ReadJournal(scenario, world->journal(), &timeline, result);
  result->timeline = timeline.Lines();
}

}  // namespace

ScenarioResult RunScenario(const CatalogEntry& entry, const Rig& rig) {
  ScenarioResult result;
  result.name = entry.name;
  result.rerun = rig.rerun + " " + entry.name;
  const auto begin = steady_clock::now();
  v1::Scenario scenario = Scaled(entry.scenario, rig.timeout_scale);
  if (scenario.has_plan() && scenario.plan().seed() == 0)
    scenario.mutable_plan()->set_seed(rig.seed);
  auto world = World::Make(scenario, rig.fake);
  if (world) {
    RunInWorld(scenario, rig, &*world, &result);
  } else {
    result.reason = world.error();
  }
  result.took = steady_clock::now() - begin;
  if (result.status == Status::skipped) return result;
  // A client that breaks a promise can also keep a fault from firing. Then the violation counts,
  // and not the harness error.
  if (!result.violations.empty()) {
    result.status = Status::failed;
  } else if (!result.reason.empty()) {
    result.status = Status::harness_error;
  }
  return result;
}

}  // namespace zlayer::scenarios
