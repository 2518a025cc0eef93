// Runs many scenarios, suite by suite, each suite between two runs of a positive control.

#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "scenarios/runner/run/run_scenario.h"

namespace zlayer::scenarios {

/// Runs one scenario to its end.
using RunOne = std::function<ScenarioResult(const CatalogEntry& entry)>;

/// What the caller hears of a run; one call at a time, results in the catalogue's order.
struct RunObserver {
  std::function<void(const std::string& suite)> on_suite = [](const std::string&) {};
  /// A scenario begins; from any thread.
  std::function<void(const std::string& name)> on_start = [](const std::string&) {};
  std::function<void(const ScenarioResult& result)> on_result = [](const ScenarioResult&) {};
  /// Asked before each scenario, from any thread; true ends the run.
  std::function<bool()> stopped = [] { return false; };
};

/// Runs `chosen` on all `lanes` at once, each on a thread of its own. The control of a suite:
/// "control/<suite>" where there is one, else "control/honest". A control that does not pass makes
/// a harness error of its suite, as a result "<suite>/control-first" or "<suite>/control-last";
/// without the first, nothing else of the suite runs.
RunResult RunCatalog(const Catalog& catalog, const std::vector<const CatalogEntry*>& chosen,
                     const std::vector<RunOne>& lanes, const RunObserver& observer);

}  // namespace zlayer::scenarios
