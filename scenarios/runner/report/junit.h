// A run as JUnit XML, for CI systems.

#pragma once

#include <string>
#include <tl/expected.hpp>

#include "scenarios/runner/judge/result.h"

namespace zlayer::scenarios {

std::string ToJUnit(const RunResult& run);

/// One line that names the file when it cannot be written.
tl::expected<void, std::string> WriteJUnit(const RunResult& run, const std::string& path);

}  // namespace zlayer::scenarios
