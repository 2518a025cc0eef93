// The results of a scenario, a suite and a run.

#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "scenarios/runner/judge/verdict.h"

namespace zlayer::scenarios {

/// The numbers equal those of v1::ScenarioReport::Status: report.cc casts between the two.
enum class Status {
  passed,
  failed,         // the client broke a promise: there is a violation
  harness_error,  // the scenario proved nothing about the client
  skipped,        // needs a capability that the client does not declare
  known_failure,  // failed, and the list of known failures names it
};

struct ScenarioResult {
  std::string name;
  Status status = Status::passed;
  std::vector<Violation> violations;
  std::string reason;  // of a harness error, a skip, a known failure
  std::chrono::nanoseconds took{0};
  std::vector<std::string> timeline;  // lines of text; see timeline.h
  std::string stderr_tail;            // of the sidecar
  std::string rerun;                  // the command that runs this scenario again
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
  /// True when at least one scenario ran, the run was not interrupted, and every scenario that ran
  /// passed or is a known failure.
  bool passed() const;
};

}  // namespace zlayer::scenarios
