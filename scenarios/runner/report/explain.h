// A result as text for a person.

#pragma once

#include <string>
#include <string_view>

#include "scenarios/runner/judge/result.h"

namespace zlayer::scenarios {

/// "ok", "FAIL", "ERROR", "skip" or "known".
std::string_view StatusName(Status status);

/// Explains a failure or a harness error: what was expected and seen, the timeline, the end of the
/// sidecar's stderr, and the command that runs the scenario again. For a skipped scenario or a
/// known failure, its reason. Empty for a scenario that passed.
std::string Explain(const ScenarioResult& result);

}  // namespace zlayer::scenarios
