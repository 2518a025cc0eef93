#include "scenarios/mutants/judge/trials.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

#include "scenarios/runner/run/worker.h"

namespace zlayer::scenarios {
namespace {

/// Owns the worker process of one lane. A mutant is a whole buildd-harness, so the lane starts
/// another worker when the next trial is of another mutant.
class Lane {
 public:
  explicit Lane(const MutantRig& rig) : rig_(rig) {}

  ScenarioResult Run(const Trial& trial) {
    if (mutant_ != trial.mutant) {
      mutant_ = trial.mutant;
      const std::string program = rig_.programs + "/" + mutant_->name + "/buildd-harness";
      worker_.emplace(std::vector<std::string>{program, "worker", "--fake", rig_.fake},
                      program + " run --fake " + rig_.fake + " --exact");
    }
    ScenarioResult result = worker_->Run(*trial.entry);
    // A mutant can leave zombies and descriptors in the worker. They would fail the next scenario,
    // too, so the next trial gets a new worker.
    if (LeftSomething(result)) mutant_ = nullptr;
    return result;
  }

 private:
  static bool LeftSomething(const ScenarioResult& result) {
    return std::any_of(
        result.violations.begin(), result.violations.end(),
        [](const Violation& violation) { return violation.verdict == Verdict::aftermath; });
  }

  const MutantRig& rig_;
  const Mutant* mutant_ = nullptr;
  std::optional<Worker> worker_;
};

}  // namespace

std::vector<ScenarioResult> RunTrials(
    const std::vector<Trial>& trials, const MutantRig& rig,
    const std::function<void(const Trial& trial, const ScenarioResult& result)>& on_result) {
  std::vector<ScenarioResult> results(trials.size());
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  const auto run_lane = [&] {
    Lane lane(rig);
    for (size_t i = next++; i < trials.size(); i = next++) {
      results[i] = lane.Run(trials[i]);
      const std::lock_guard lock(mutex);
      on_result(trials[i], results[i]);
    }
  };
  std::vector<std::jthread> threads;
  for (size_t i = 0; i < std::min<size_t>(rig.jobs, trials.size()); ++i) {
    threads.emplace_back(run_lane);
  }
  threads.clear();
  return results;
}

}  // namespace zlayer::scenarios
