// The page that shows which scenario catches which mutant.

#pragma once

#include <string>
#include <vector>

#include "scenarios/mutants/judge/mutant.h"

namespace zlayer::scenarios {

/// The scenarios that no mutant names and that do not say why none can.
std::vector<std::string> Unproven(const std::vector<Mutant>& mutants, const Catalog& catalog);

/// Markdown, from what the patches name. One row a mutant.
std::string MutantTable(const std::vector<Mutant>& mutants, const Catalog& catalog);

}  // namespace zlayer::scenarios
