// The page that shows which scenario catches which mutant.

#pragma once

#include <string>
#include <vector>

#include "scenarios/mutants/judge/mutant.h"

namespace zlayer::scenarios {

/// The scenarios that no mutant names and that have no `no_mutant`.
std::vector<std::string> Unproven(const std::vector<Mutant>& mutants, const Catalog& catalog);

/// TABLE.md: one row for each mutant, and the scenarios with `no_mutant`.
std::string MutantTable(const std::vector<Mutant>& mutants, const Catalog& catalog);

}  // namespace zlayer::scenarios
