// Runs scenarios against mutants, several at once.

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "scenarios/mutants/judge/mutant.h"
#include "scenarios/runner/judge/result.h"

namespace zlayer::scenarios {

/// One scenario on one mutant. Nothing is owned.
struct Trial {
  const Mutant* mutant;
  const CatalogEntry* entry;
};

/// The same for all trials.
struct MutantRig {
  std::string programs;  // holds <mutant>/buildd-harness
  std::string fake;      // path of the fake's executable
  unsigned jobs = 1;     // trials at once
};

/// Returns the results in the order of `trials`. Calls `on_result` as each trial ends, in any
/// order, one call at a time, from several threads.
std::vector<ScenarioResult> RunTrials(
    const std::vector<Trial>& trials, const MutantRig& rig,
    const std::function<void(const Trial& trial, const ScenarioResult& result)>& on_result);

}  // namespace zlayer::scenarios
