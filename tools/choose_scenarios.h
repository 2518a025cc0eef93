// Which scenarios a command line means.

#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "scenarios/runner/catalog/catalog.h"
#include "tools/buildd_harness.h"

namespace zlayer::tools {

/// The one compiled in, or that of the directory.
tl::expected<scenarios::Catalog, std::string> OpenCatalog(const std::string& directory);

/// At least one, in the catalogue's order; which name or pattern means nothing.
tl::expected<std::vector<const scenarios::CatalogEntry*>, std::string> ChooseScenarios(
    const scenarios::Catalog& catalog, const Choice& choice);

}  // namespace zlayer::tools
