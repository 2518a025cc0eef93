#include <algorithm>
#include <atomic>
#include <thread>

#include "scenarios/runner/report/junit.h"
#include "scenarios/runner/report/report.h"
#include "scenarios/runner/run/run_catalog.h"
#include "scenarios/runner/run/worker.h"
#include "tools/buildd_harness.h"
#include "tools/choose_scenarios.h"
#include "tools/make_rig.h"
#include "tools/run_table.h"
#include "tools/stop_signals.h"

namespace zlayer::tools {
namespace {

using scenarios::CatalogEntry;
using scenarios::RunResult;
using scenarios::ScenarioResult;
using scenarios::Status;

tl::expected<void, std::string> WriteReports(const RunOptions& options, const RunResult& run) {
  if (!options.junit.empty()) {
    if (auto written = scenarios::WriteJUnit(run, options.junit); !written) return written;
  }
  if (!options.json.empty()) return scenarios::WriteJson(run, options.json);
  return {};
}

RunResult RunWithTable(const scenarios::Catalog& catalog,
                       const std::vector<const CatalogEntry*>& chosen,
                       const std::vector<scenarios::RunOne>& lanes, bool fail_fast,
                       const StopSignals& signals) {
  RunTable table(chosen);
  std::atomic<bool> failed = false;
  scenarios::RunObserver observer;
  observer.on_suite = [&](const std::string& suite) { table.Suite(suite); };
  observer.on_start = [&](const std::string& name) { table.Start(name); };
  observer.on_result = [&](const ScenarioResult& result) {
    table.Result(result);
    failed = failed || result.status == Status::failed || result.status == Status::harness_error;
  };
  observer.stopped = [&] { return signals.came() || (fail_fast && failed); };
  RunResult run = RunCatalog(catalog, chosen, lanes, observer);
  table.Totals(run);
  return run;
}

/// The number of scenarios to run at once: --jobs or the number of processors, at most the number
/// of scenarios.
unsigned Jobs(const RunOptions& options, size_t scenarios) {
  const unsigned jobs =
      options.jobs != 0 ? options.jobs : std::max(1u, std::thread::hardware_concurrency());
  return static_cast<unsigned>(std::min<size_t>(jobs, scenarios));
}

}  // namespace

int RunCommand(const RunOptions& options) {
  if (!options.junit.empty() && options.junit == options.json) {
    return BadInput(options.junit + ": --junit and --json both name it; give each its own file");
  }
  const auto catalog = OpenCatalog(options.choice.catalog);
  if (!catalog) return BadInput(catalog.error());
  const auto once = ChooseScenarios(*catalog, options.choice);
  if (!once) return BadInput(once.error());
  std::vector<const CatalogEntry*> chosen;
  for (unsigned i = 0; i < options.repeat; ++i) {
    chosen.insert(chosen.end(), once->begin(), once->end());
  }
  const StopSignals signals;  // before any thread
  const auto lanes = MakeLanes(*catalog, options.choice, options.rig, Jobs(options, chosen.size()));
  if (!lanes) return BadInput(lanes.error());
  // A report that cannot be written is reported before the run, not after it.
  if (auto writable = WriteReports(options, {}); !writable) return BadInput(writable.error());
  const RunResult run = RunWithTable(*catalog, chosen, *lanes, options.fail_fast, signals);
  if (auto written = WriteReports(options, run); !written) return BadInput(written.error());
  return run.passed() ? kPassed : kFailed;
}

int WorkerCommand(const RunOptions& options) {
  const auto catalog = OpenCatalog(options.choice.catalog);
  if (!catalog) return BadInput(catalog.error());
  const auto run = MakeRunOne(*catalog, options.choice, options.rig);
  if (!run) return BadInput(run.error());
  return scenarios::WorkerMain(*catalog, *run);
}

}  // namespace zlayer::tools
