#include "scenarios/runner/run_catalog.h"

#include <algorithm>
#include <map>

namespace zlayer::scenarios {
namespace {

constexpr std::string_view kControlSuite = "control";

const CatalogEntry* ControlOf(const Catalog& catalog, const std::string& suite) {
  const CatalogEntry* own = catalog.Find("control/" + suite);
  return own != nullptr ? own : catalog.Find("control/honest");
}

/// The harness error that stands for a control that did not pass; empty name when it did.
ScenarioResult RunControl(const Catalog& catalog, const std::string& suite,
                          const std::string& which, const Rig& rig) {
  ScenarioResult failed;
  failed.status = Status::harness_error;
  const CatalogEntry* control = ControlOf(catalog, suite);
  if (control == nullptr) {
    failed.name = suite + "/" + which;
    failed.harness_error = "the catalogue has no control/honest";
    return failed;
  }
  ScenarioResult result = RunScenario(*control, rig);
  if (result.status == Status::passed) return failed;
  result.name = suite + "/" + which;
  result.status = Status::harness_error;
  result.harness_error = "the positive control " + control->name + " did not pass" +
                         (result.harness_error.empty() ? "" : ": " + result.harness_error);
  return result;
}

/// One suite under way.
class SuiteRun {
 public:
  SuiteRun(const Catalog& catalog, const Rig& rig, const RunObserver& observer, SuiteResult* suite)
      : catalog_(catalog), rig_(rig), observer_(observer), suite_(suite) {}

  /// False when the observer ended it.
  bool Run(const std::vector<const CatalogEntry*>& entries) {
    observer_.on_suite(suite_->name);
    const bool controlled = suite_->name != kControlSuite;
    if (controlled && !Control("control-first")) return true;
    for (const CatalogEntry* entry : entries) {
      if (observer_.stopped()) return false;
      observer_.on_start(entry->name);
      Add(RunScenario(*entry, rig_));
    }
    if (controlled) Control("control-last");
    return true;
  }

 private:
  bool Control(const std::string& which) {
    observer_.on_start(suite_->name + "/" + which);
    ScenarioResult result = RunControl(catalog_, suite_->name, which, rig_);
    if (result.name.empty()) return true;
    Add(std::move(result));
    return false;
  }

  void Add(ScenarioResult result) {
    observer_.on_result(result);
    suite_->results.push_back(std::move(result));
  }

  const Catalog& catalog_;
  const Rig& rig_;
  const RunObserver& observer_;
  SuiteResult* suite_;
};

}  // namespace

size_t RunResult::Count(Status status) const {
  size_t count = 0;
  for (const SuiteResult& suite : suites) {
    count += static_cast<size_t>(
        std::count_if(suite.results.begin(), suite.results.end(),
                      [&](const ScenarioResult& result) { return result.status == status; }));
  }
  return count;
}

bool RunResult::passed() const {
  return Count(Status::passed) > 0 && Count(Status::failed) == 0 &&
         Count(Status::harness_error) == 0 && !interrupted;
}

RunResult RunCatalog(const Catalog& catalog, const std::vector<const CatalogEntry*>& chosen,
                     const Rig& rig, const RunObserver& observer) {
  std::map<std::string, std::vector<const CatalogEntry*>> suites;
  for (const CatalogEntry* entry : chosen) suites[entry->suite()].push_back(entry);
  RunResult run;
  for (const auto& [name, entries] : suites) {
    SuiteResult& suite = run.suites.emplace_back();
    suite.name = name;
    if (!SuiteRun(catalog, rig, observer, &suite).Run(entries)) {
      run.interrupted = true;
      break;
    }
  }
  return run;
}

}  // namespace zlayer::scenarios
