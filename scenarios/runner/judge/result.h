// What a scenario, a suite and a run found.

#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "scenarios/runner/judge/verdict.h"

namespace zlayer::scenarios {

/// The values are those of v1::ScenarioReport::Status.
enum class Status {
  passed,
  failed,         // the client broke a promise
  harness_error,  // nothing can be said about the client
  skipped,        // needs what the client does not declare
  known_failure,  // failed, as the list of known failures says
};

struct ScenarioResult {
  std::string name;
  Status status = Status::passed;
  std::vector<Violation> violations;
  std::string reason;  // of a harness error, a skip, a known failure
  std::chrono::nanoseconds took{0};
  std::vector<std::string> timeline;  // for people
  std::string stderr_tail;            // of the sidecar
  std::string rerun;                  // the command that runs this one again
};

struct SuiteResult {
  std::string name;
  std::vector<ScenarioResult> results;
};

struct RunResult {
  std::vector<SuiteResult> suites;
  std::chrono::nanoseconds took{0};
  bool interrupted = false;

  size_t Count(Status status) const;
  /// True when something ran, and all that ran passed or failed as it is known to.
  bool passed() const;
};

}  // namespace zlayer::scenarios
