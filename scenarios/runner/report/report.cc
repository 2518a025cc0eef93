#include "scenarios/runner/report/report.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "scenarios/runner/report/utf8.h"

namespace zlayer::scenarios {
namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

Verdict VerdictOf(const std::string& name) {
  for (const Verdict verdict : {Verdict::outcome, Verdict::message}) {
    if (VerdictName(verdict) == name) return verdict;
  }
  return Verdict::aftermath;
}

std::uint32_t Count(const RunResult& run, Status status) {
  return static_cast<std::uint32_t>(run.Count(status));
}

}  // namespace

v1::ScenarioReport ToReport(const ScenarioResult& result) {
  v1::ScenarioReport report;
  report.set_name(result.name);
  report.set_status(static_cast<v1::ScenarioReport::Status>(result.status));
  for (const Violation& violation : result.violations) {
    v1::ViolationReport& added = *report.add_violation();
    added.set_verdict(std::string(VerdictName(violation.verdict)));
    added.set_step(ValidUtf8(violation.step));
    added.set_expected(ValidUtf8(violation.expected));
    added.set_seen(ValidUtf8(violation.seen));
  }
  report.set_reason(ValidUtf8(result.reason));
  report.set_took_ms(Milliseconds(result.took).count());
  for (const std::string& line : result.timeline) report.add_timeline(ValidUtf8(line));
  report.set_stderr_tail(ValidUtf8(result.stderr_tail));
  report.set_rerun(result.rerun);
  return report;
}

ScenarioResult FromReport(const v1::ScenarioReport& report) {
  ScenarioResult result;
  result.name = report.name();
  result.status = static_cast<Status>(report.status());
  for (const v1::ViolationReport& violation : report.violation()) {
    result.violations.push_back(
        {VerdictOf(violation.verdict()), violation.step(), violation.expected(), violation.seen()});
  }
  result.reason = report.reason();
  result.took =
      std::chrono::duration_cast<std::chrono::nanoseconds>(Milliseconds(report.took_ms()));
  result.timeline.assign(report.timeline().begin(), report.timeline().end());
  result.stderr_tail = report.stderr_tail();
  result.rerun = report.rerun();
  return result;
}

v1::RunReport ToReport(const RunResult& run) {
  v1::RunReport report;
  for (const SuiteResult& suite : run.suites) {
    for (const ScenarioResult& result : suite.results) *report.add_scenario() = ToReport(result);
  }
  report.set_passed(Count(run, Status::passed));
  report.set_failed(Count(run, Status::failed));
  report.set_harness_errors(Count(run, Status::harness_error));
  report.set_skipped(Count(run, Status::skipped));
  report.set_known_failures(Count(run, Status::known_failure));
  report.set_took_ms(Milliseconds(run.took).count());
  report.set_interrupted(run.interrupted);
  return report;
}

tl::expected<void, std::string> WriteJson(const RunResult& run, const std::string& path) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto printed = MessageToJsonString(ToReport(run), &json, options);
  std::ofstream file(path, std::ios::binary);
  file << json << std::flush;
  if (printed.ok() && file) return {};
  return tl::unexpected(fmt::format("{}: cannot be written: {}", path,
                                    printed.ok() ? std::strerror(errno) : printed.ToString()));
}

}  // namespace zlayer::scenarios
