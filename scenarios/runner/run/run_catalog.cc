#include "scenarios/runner/run/run_catalog.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

namespace zlayer::scenarios {
namespace {

using std::chrono::steady_clock;

constexpr std::string_view kControlSuite = "control";

/// One run of one scenario, for itself or as the control of a suite.
struct Task {
  const CatalogEntry* entry;  // null: the catalogue has no such control
  std::string suite;
  std::string name;  // the entry's, or "<suite>/control-first"
  std::optional<ScenarioResult> result = std::nullopt;

  bool is_control() const { return entry == nullptr || entry->name != name; }
};

Task Control(const Catalog& catalog, const std::string& suite, const std::string& which) {
  const CatalogEntry* own = catalog.Find("control/" + suite);
  return {own != nullptr ? own : catalog.Find("control/honest"), suite, suite + "/" + which};
}

/// A control that the client is not asked to play says nothing, as the suite's scenarios will.
bool IsQuietControl(const Task& task) {
  return task.is_control() &&
         (task.result->status == Status::passed || task.result->status == Status::skipped);
}

/// What a control that did not pass means for its suite.
void JudgeControl(Task* task) {
  ScenarioResult& result = *task->result;
  result.name = task->name;
  if (IsQuietControl(*task)) return;
  result.status = Status::harness_error;
  result.reason = "the positive control " + task->entry->name + " did not pass" +
                  (result.reason.empty() ? "" : ": " + result.reason);
}

void RunTask(const RunOne& run, Task* task) {
  if (task->entry != nullptr) {
    task->result = run(*task->entry);
    if (task->is_control()) JudgeControl(task);
    return;
  }
  task->result.emplace();
  task->result->name = task->name;
  task->result->status = Status::harness_error;
  task->result->reason = "the catalogue has no control/honest";
}

/// The tasks of one phase, shared by the lanes, reported in order.
class Phase {
 public:
  Phase(std::vector<Task>* tasks, const RunObserver& observer)
      : tasks_(*tasks), observer_(observer) {}

  /// False when the observer ended it.
  bool Run(const std::vector<RunOne>& lanes) {
    {
      std::vector<std::jthread> threads;
      for (size_t i = 1; i < std::min(lanes.size(), tasks_.size()); ++i) {
        threads.emplace_back([&, i] { RunLane(lanes[i]); });
      }
      RunLane(lanes.front());
    }
    return !stopped_;
  }

 private:
  Task* Take() {
    const std::lock_guard lock(mutex_);
    if (next_ == tasks_.size() || stopped_) return nullptr;
    if (observer_.stopped()) {
      stopped_ = true;
      return nullptr;
    }
    observer_.on_start(tasks_[next_].name);
    return &tasks_[next_++];
  }

  void RunLane(const RunOne& run) {
    while (Task* task = Take()) {
      Task own{task->entry, task->suite, task->name};
      RunTask(run, &own);
      Report(task, std::move(own.result));
    }
  }

  /// Hands on all that is complete up to the first that is not.
  void Report(Task* task, std::optional<ScenarioResult> result) {
    const std::lock_guard lock(mutex_);
    task->result = std::move(result);
    for (; reported_ < tasks_.size() && tasks_[reported_].result; ++reported_) {
      const Task& done = tasks_[reported_];
      if (IsQuietControl(done)) continue;
      if (done.suite != suite_) observer_.on_suite(done.suite);
      suite_ = done.suite;
      observer_.on_result(*done.result);
    }
  }

  std::vector<Task>& tasks_;
  const RunObserver& observer_;
  std::mutex mutex_;
  size_t next_ = 0;
  size_t reported_ = 0;
  std::string suite_;  // of the last one reported
  bool stopped_ = false;
};

void Collect(std::vector<Task>* tasks, std::map<std::string, std::vector<ScenarioResult>>* suites) {
  for (Task& task : *tasks) {
    if (!task.result) continue;
    if (IsQuietControl(task)) continue;
    (*suites)[task.suite].push_back(std::move(*task.result));
  }
}

}  // namespace

RunResult RunCatalog(const Catalog& catalog, const std::vector<const CatalogEntry*>& chosen,
                     const std::vector<RunOne>& lanes, const RunObserver& observer) {
  const auto begin = steady_clock::now();
  std::map<std::string, std::vector<const CatalogEntry*>> suites;
  for (const CatalogEntry* entry : chosen) suites[entry->suite()].push_back(entry);
  std::vector<Task> first;
  std::vector<Task> last;
  for (const auto& [suite, entries] : suites) {
    if (suite == kControlSuite) continue;
    first.push_back(Control(catalog, suite, "control-first"));
    last.push_back(Control(catalog, suite, "control-last"));
  }
  RunResult run;
  run.interrupted = !Phase(&first, observer).Run(lanes);
  // A suite whose first control failed says nothing.
  for (const Task& task : first) {
    if (task.result && !IsQuietControl(task)) suites.erase(task.suite);
  }
  std::erase_if(last, [&](const Task& task) { return !suites.contains(task.suite); });
  std::vector<Task> tasks;
  for (const auto& [suite, entries] : suites) {
    for (const CatalogEntry* entry : entries) tasks.push_back({entry, suite, entry->name});
  }
  if (!run.interrupted) run.interrupted = !Phase(&tasks, observer).Run(lanes);
  if (!run.interrupted) run.interrupted = !Phase(&last, observer).Run(lanes);
  std::map<std::string, std::vector<ScenarioResult>> results;
  Collect(&first, &results);
  Collect(&tasks, &results);
  Collect(&last, &results);
  for (auto& [suite, of_suite] : results) run.suites.push_back({suite, std::move(of_suite)});
  run.took = steady_clock::now() - begin;
  return run;
}

}  // namespace zlayer::scenarios
