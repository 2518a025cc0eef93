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

/// Where the mutants' programs are and what they are run with.
struct MutantRig {
  std::string programs;  // holds <mutant>/buildd-harness
  std::string fake;      // path of the fake's executable
  unsigned jobs = 1;     // trials at once
};

/// The results in the order of `trials`. `on_result` is called with one at a time, in any order.
std::vector<ScenarioResult> RunTrials(
    const std::vector<Trial>& trials, const MutantRig& rig,
    const std::function<void(const Trial& trial, const ScenarioResult& result)>& on_result);

}  // namespace zlayer::scenarios
