// Results as the messages of proto/report.proto: for the JSON report of a run, and for the way from
// a worker process to the runner.
//
// This room makes a RunResult readable. explain writes one result for a person, junit the JUnit XML
// for CI systems, this file the JSON report. timeline collects events while a scenario runs; utf8
// makes valid text of the bytes that a fake or a client has written.
//
// Invariants: text from outside reaches JSON only as valid UTF-8, and a terminal only without
// control characters. FromReport(ToReport(result)) is `result`, but for bytes that are not UTF-8.

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
