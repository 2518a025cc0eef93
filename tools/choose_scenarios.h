// From the names, suites and filters of a command line to scenarios.

#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "scenarios/runner/catalog/catalog.h"
#include "tools/buildd_harness.h"

namespace zlayer::tools {

/// Loads the catalogue of the directory; without one, the catalogue that is compiled in.
tl::expected<scenarios::Catalog, std::string> OpenCatalog(const std::string& directory);

/// The chosen scenarios in the catalogue's order, at least one. The error names a name or pattern
/// that matches no scenario.
tl::expected<std::vector<const scenarios::CatalogEntry*>, std::string> ChooseScenarios(
    const scenarios::Catalog& catalog, const Choice& choice);

}  // namespace zlayer::tools
