// Runs the scenarios of a catalogue against one client. Start reading here.
//
// RunCatalog runs each suite between two runs of a positive control, a scenario that every client
// must pass. A control that fails shows that the harness or the machine is at fault, so the suite
// says nothing about the client. Scenarios are spread over lanes, one thread each. A lane is a
// function: RunScenario in this process, or a Worker (worker.h), which runs scenarios in a child
// process. RunScenario makes the world, runs the steps (run_steps.h, host_steps.h,
// signal_sidecar.h) or the command (run_command.h), judges the aftermath and reads the fake's
// journal.
//
// Invariants: at most one scenario runs in a process at a time; a violation blames the client, a
// `reason` without a violation is a harness error.

#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "scenarios/runner/run/run_scenario.h"

namespace zlayer::scenarios {

/// A lane: runs one scenario to its end and judges it.
using RunOne = std::function<ScenarioResult(const CatalogEntry& entry)>;

/// Callbacks of a run. They are never called at the same time. on_suite and on_result follow the
/// catalogue's order.
struct RunObserver {
  /// The results that follow are of this suite; from any thread.
  std::function<void(const std::string& suite)> on_suite = [](const std::string&) {};
  /// A scenario begins; from any thread.
  std::function<void(const std::string& name)> on_start = [](const std::string&) {};
  /// A result of a scenario, or of a control that did not pass; from any thread.
  std::function<void(const ScenarioResult& result)> on_result = [](const ScenarioResult&) {};
  /// Asked before each scenario, from any thread. True ends the run: scenarios that have begun are
  /// finished, no other begins.
  std::function<bool()> stopped = [] { return false; };
};

/// Runs `chosen` on all `lanes` at once, each on a thread of its own. The control of a suite is
/// "control/<suite>" where the catalogue has it, else "control/honest". A control that does not
/// pass is reported as a harness error "<suite>/control-first" or "<suite>/control-last". When the
/// first control of a suite does not pass, the suite's scenarios are not run.
RunResult RunCatalog(const Catalog& catalog, const std::vector<const CatalogEntry*>& chosen,
                     const std::vector<RunOne>& lanes, const RunObserver& observer);

}  // namespace zlayer::scenarios
