// Runs scenarios in child processes, so that several can run at once. The aftermath compares the
// descriptors of the whole process, and the embedded client uses the process's environment, so one
// process can only run one scenario at a time.
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

/// A child process that runs one scenario after the other. The first Run starts it. When it dies,
/// the scenario that it ran is a harness error, and the next Run starts a new process. Not
/// thread-safe.
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

/// The main function of the child process. Reads names of scenarios from stdin, one a line, and
/// writes a ScenarioReport as one line of JSON to stdout for each. Returns the exit status: 0 at
/// the end of stdin, 1 after an unknown name.
int WorkerMain(const Catalog& catalog, const RunOne& run);

}  // namespace zlayer::scenarios
