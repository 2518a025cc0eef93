// Results as messages: for the report of a run, and on their way from a worker to the runner.

#pragma once

#include <string>
#include <tl/expected.hpp>

#include "scenarios/runner/judge/result.h"
#include "zlayer/proto/report.pb.h"

namespace zlayer::scenarios {

v1::ScenarioReport ToReport(const ScenarioResult& result);
ScenarioResult FromReport(const v1::ScenarioReport& report);

v1::RunReport ToReport(const RunResult& run);

/// Writes the report as JSON. The error names the file and says why.
tl::expected<void, std::string> WriteJson(const RunResult& run, const std::string& path);

}  // namespace zlayer::scenarios
