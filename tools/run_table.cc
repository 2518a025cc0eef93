#include "tools/run_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/runner/report/explain.h"

namespace zlayer::tools {
namespace {

using scenarios::RunResult;
using scenarios::ScenarioResult;
using scenarios::Status;

std::string Milliseconds(std::chrono::nanoseconds time) {
  return fmt::format("{:.0f} ms", std::chrono::duration<double, std::milli>(time).count());
}

}  // namespace

RunTable::RunTable(const std::vector<const scenarios::CatalogEntry*>& chosen)
    : count_(chosen.size()) {
  for (const auto* entry : chosen) width_ = std::max(width_, entry->name.size());
}

void RunTable::Suite(const std::string& name) {
  if (!first_) terminal_.Line("");
  first_ = false;
  terminal_.Line(terminal_.Bold(name));
}

void RunTable::Start(const std::string& name) {
  last_started_ = name;
  ShowProgress();
}

void RunTable::ShowProgress() {
  terminal_.Progress(fmt::format("  {:>3}/{}  {}", done_, count_, last_started_));
}

void RunTable::Result(const ScenarioResult& result) {
  ++done_;
  const std::string status = fmt::format("{:<5}", StatusName(result.status));
  terminal_.Line(fmt::format("  {}  {:<{}}  {:>9}", Coloured(result.status, status), result.name,
                             width_, Milliseconds(result.took)));
  std::string explanation = Explain(result);
  if (!explanation.empty()) {
    explanation.pop_back();  // the last newline
    terminal_.Line(explanation);
  }
  ShowProgress();
}

void RunTable::Totals(const RunResult& run) {
  const auto part = [&](Status status, std::string_view word) {
    const size_t count = run.Count(status);
    const std::string text = fmt::format("{} {}", count, word);
    return count == 0 ? text : Coloured(status, text);
  };
  std::string totals =
      fmt::format("\n{}, {}, {}", part(Status::passed, "passed"), part(Status::failed, "failed"),
                  part(Status::harness_error, "harness errors"));
  if (run.Count(Status::known_failure) > 0) {
    totals += ", " + part(Status::known_failure, "known failures");
  }
  if (run.Count(Status::skipped) > 0) totals += ", " + part(Status::skipped, "skipped");
  terminal_.Line(
      fmt::format("{}; {:.1f} s{}", totals, std::chrono::duration<double>(run.took).count(),
                  run.interrupted ? fmt::format("; interrupted, {} not run", count_ - done_) : ""));
}

std::string RunTable::Coloured(Status status, std::string_view text) const {
  switch (status) {
    case Status::passed:
      return terminal_.Green(text);
    case Status::failed:
      return terminal_.Red(text);
    case Status::harness_error:
      return terminal_.Yellow(text);
    case Status::skipped:
    case Status::known_failure:
      return terminal_.Dim(text);
  }
  return std::string(text);
}

}  // namespace zlayer::tools
