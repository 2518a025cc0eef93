// Scenarios in processes of their own, so that several run at once: the embedded client, the
// environment and the descriptors that a scenario judges belong to a process.
//
//   Worker worker({"/build/bin/buildd-harness", "worker"}, "buildd-harness run --exact");
//   ScenarioResult result = worker.Run(entry);

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/runner/process/child_process.h"
#include "scenarios/runner/run/run_catalog.h"

namespace zlayer::scenarios {

/// A process that runs one scenario after the other. It is started when it is needed, and started
/// again after it has died, which costs the scenario that it ran a harness error. Not thread-safe.
class Worker {
 public:
  /// `command` runs WorkerMain. `rerun`: see Rig.
  Worker(std::vector<std::string> command, std::string rerun)
      : command_(std::move(command)), rerun_(std::move(rerun)) {}

  ScenarioResult Run(const CatalogEntry& entry);

 private:
  std::vector<std::string> command_;
  std::string rerun_;
  std::optional<ChildProcess> process_;
};

/// The worker's own side: names of scenarios from stdin, one a line; a report on stdout for each.
/// Returns the program's exit status when stdin ends.
int WorkerMain(const Catalog& catalog, const RunOne& run);

}  // namespace zlayer::scenarios
