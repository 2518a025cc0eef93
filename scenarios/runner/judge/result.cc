#include "scenarios/runner/judge/result.h"

#include <algorithm>

namespace zlayer::scenarios {

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
  return Count(Status::passed) + Count(Status::known_failure) > 0 && Count(Status::failed) == 0 &&
         Count(Status::harness_error) == 0 && !interrupted;
}

}  // namespace zlayer::scenarios
