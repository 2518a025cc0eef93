// A result for people.

#pragma once

#include <string>
#include <string_view>

#include "scenarios/runner/judge/result.h"

namespace zlayer::scenarios {

/// "ok", "FAIL", "ERROR", "skip" or "known".
std::string_view StatusName(Status status);

/// What a person needs to find the fault: expected and seen, what happened when, stderr, the
/// command that runs it again; of a skip or a known failure the reason. Empty for a scenario that
/// passed.
std::string Explain(const ScenarioResult& result);

}  // namespace zlayer::scenarios
