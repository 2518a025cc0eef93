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

/// Returns `jobs` lanes. A single lane runs scenarios in this process; several lanes have a worker
/// process each.
tl::expected<std::vector<scenarios::RunOne>, std::string> MakeLanes(
    const scenarios::Catalog& catalog, const Choice& choice, const RigOptions& options,
    unsigned jobs);

}  // namespace zlayer::tools
