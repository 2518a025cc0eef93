// From the options of a command line to what runs one scenario: the client, the fake, the limits.

#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "scenarios/runner/run/run_catalog.h"
#include "tools/buildd_harness.h"

namespace zlayer::tools {

/// Runs one scenario in this process, with the known failures judged. The error is of the input.
tl::expected<scenarios::RunOne, std::string> MakeRunOne(const scenarios::Catalog& catalog,
                                                        const Choice& choice,
                                                        const RigOptions& options);

/// `jobs` lanes: this process itself for one, else a worker for each.
tl::expected<std::vector<scenarios::RunOne>, std::string> MakeLanes(
    const scenarios::Catalog& catalog, const Choice& choice, const RigOptions& options,
    unsigned jobs);

}  // namespace zlayer::tools
