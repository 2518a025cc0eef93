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
  const CatalogEntry* entry;  // null: the catalogue has no control for the suite
  std::string suite;
  std::string name;  // the scenario's, or "<suite>/control-first" or "<suite>/control-last"
  std::optional<ScenarioResult> result = std::nullopt;

  bool is_control() const { return entry == nullptr || entry->name != name; }
};

Task Control(const Catalog& catalog, const std::string& suite, const std::string& which) {
  const CatalogEntry* own = catalog.Find("control/" + suite);
  return {own != nullptr ? own : catalog.Find("control/honest"), suite, suite + "/" + which};
}

/// A control that passed is not reported: it is no result of the suite. A control is skipped when
/// the client does not declare what it needs; that is not reported either, because the suite's own
/// scenarios then show it.
bool IsUnreportedControl(const Task& task) {
  return task.is_control() &&
         (task.result->status == Status::passed || task.result->status == Status::skipped);
}

/// Turns the result of a control that did not pass into a harness error of its suite.
void JudgeControl(Task* task) {
  ScenarioResult& result = *task->result;
  result.name = task->name;
  if (IsUnreportedControl(*task)) return;
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

/// Tasks that the lanes share: each lane takes the next task when it has finished one. Results are
/// reported in the order of the tasks, whichever lane finishes first. A run has three batches: the
/// first controls, the scenarios, the last controls.
class TaskBatch {
 public:
  TaskBatch(std::vector<Task>* tasks, const RunObserver& observer)
      : tasks_(*tasks), observer_(observer) {}

  /// Blocks until all tasks are done. When the observer stops the run, only the tasks under way are
  /// finished, and the result is false.
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
  /// The next task; null when none is left or the observer stops the run. From any lane.
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
      // A copy, because other lanes read the results of all tasks in Report, under the lock.
      Task own{task->entry, task->suite, task->name};
      RunTask(run, &own);
      Report(task, std::move(own.result));
    }
  }

  /// Stores the result. Then reports every finished task that has no unfinished task before it.
  void Report(Task* task, std::optional<ScenarioResult> result) {
    const std::lock_guard lock(mutex_);
    task->result = std::move(result);
    for (; reported_ < tasks_.size() && tasks_[reported_].result; ++reported_) {
      const Task& done = tasks_[reported_];
      if (IsUnreportedControl(done)) continue;
      if (done.suite != suite_) observer_.on_suite(done.suite);
      suite_ = done.suite;
      observer_.on_result(*done.result);
    }
  }

  std::vector<Task>& tasks_;
  const RunObserver& observer_;
  std::mutex mutex_;
  size_t next_ = 0;      // index of the next task to take
  size_t reported_ = 0;  // tasks before this index have been reported
  std::string suite_;    // of the last reported task
  bool stopped_ = false;
};

/// Moves the results that are reported into their suites.
void Collect(std::vector<Task>* tasks, std::map<std::string, std::vector<ScenarioResult>>* suites) {
  for (Task& task : *tasks) {
    if (!task.result) continue;
    if (IsUnreportedControl(task)) continue;
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
  run.interrupted = !TaskBatch(&first, observer).Run(lanes);
  // Without a passing control a failure could be the harness's own: the suite is not run.
  for (const Task& task : first) {
    if (task.result && !IsUnreportedControl(task)) suites.erase(task.suite);
  }
  std::erase_if(last, [&](const Task& task) { return !suites.contains(task.suite); });
  std::vector<Task> tasks;
  for (const auto& [suite, entries] : suites) {
    for (const CatalogEntry* entry : entries) tasks.push_back({entry, suite, entry->name});
  }
  if (!run.interrupted) run.interrupted = !TaskBatch(&tasks, observer).Run(lanes);
  if (!run.interrupted) run.interrupted = !TaskBatch(&last, observer).Run(lanes);
  std::map<std::string, std::vector<ScenarioResult>> results;
  Collect(&first, &results);
  Collect(&tasks, &results);
  Collect(&last, &results);
  for (auto& [suite, of_suite] : results) run.suites.push_back({suite, std::move(of_suite)});
  run.took = steady_clock::now() - begin;
  return run;
}

}  // namespace zlayer::scenarios
