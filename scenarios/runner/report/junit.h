// Writes the results of a run as JUnit XML, for CI systems.

#pragma once

#include <string>
#include <tl/expected.hpp>

#include "scenarios/runner/judge/result.h"

namespace zlayer::scenarios {

/// Skipped scenarios and known failures are "skipped", harness errors "error".
std::string ToJUnit(const RunResult& run);

/// The error is one line that names the file and says why it cannot be written.
tl::expected<void, std::string> WriteJUnit(const RunResult& run, const std::string& path);

}  // namespace zlayer::scenarios
