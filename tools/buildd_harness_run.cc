#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "scenarios/runner/embedded_client.h"
#include "scenarios/runner/junit.h"
#include "scenarios/runner/run_catalog.h"
#include "tools/buildd_harness.h"
#include "tools/choose_scenarios.h"
#include "tools/program_path.h"
#include "tools/stop_signals.h"
#include "tools/terminal.h"

namespace zlayer::tools {
namespace {

using scenarios::CatalogEntry;
using scenarios::RunResult;
using scenarios::ScenarioResult;
using scenarios::Status;

tl::expected<std::string, std::string> FindFake(const std::string& given) {
  const std::string path = given.empty() ? BesideThisProgram("fake-zlayer-buildd")
                                         : std::filesystem::absolute(given).string();
  if (IsProgram(path)) return path;
  return tl::unexpected(fmt::format("{}: is no program; name the fake with --fake PATH", path));
}

std::string Milliseconds(std::chrono::nanoseconds time) {
  return fmt::format("{:.0f} ms", std::chrono::duration<double, std::milli>(time).count());
}

/// The run as lines on a terminal or in a file.
class RunTable {
 public:
  RunTable(const std::vector<const CatalogEntry*>& chosen, Terminal* terminal)
      : count_(chosen.size()), terminal_(terminal) {
    for (const CatalogEntry* entry : chosen) width_ = std::max(width_, entry->name.size());
  }

  void Suite(const std::string& name) {
    if (!first_) terminal_->Line("");
    first_ = false;
    terminal_->Line(terminal_->Bold(name));
  }

  void Start(const std::string& name) {
    terminal_->Progress(fmt::format("  {:>3}/{}  {}", done_, count_, name));
  }

  void Result(const ScenarioResult& result) {
    ++done_;
    const std::string status = fmt::format("{:<5}", StatusName(result.status));
    terminal_->Line(fmt::format("  {}  {:<{}}  {:>9}", Coloured(result.status, status), result.name,
                                width_, Milliseconds(result.took)));
    std::string explanation = Explain(result);
    if (explanation.empty()) return;
    explanation.pop_back();  // the last newline
    terminal_->Line(explanation);
  }

  void Totals(const RunResult& run, std::chrono::nanoseconds took) {
    const auto part = [&](Status status, std::string_view word) {
      const size_t count = run.Count(status);
      const std::string text = fmt::format("{} {}", count, word);
      return count == 0 ? text : Coloured(status, text);
    };
    terminal_->Line(fmt::format(
        "\n{}, {}, {}; {:.1f} s{}", part(Status::passed, "passed"), part(Status::failed, "failed"),
        part(Status::harness_error, "harness errors"), std::chrono::duration<double>(took).count(),
        run.interrupted ? "; interrupted" : ""));
  }

 private:
  std::string Coloured(Status status, std::string_view text) const {
    switch (status) {
      case Status::passed:
        return terminal_->Green(text);
      case Status::failed:
        return terminal_->Red(text);
      case Status::harness_error:
        return terminal_->Yellow(text);
    }
    return std::string(text);
  }

  size_t count_;
  Terminal* terminal_;
  size_t width_ = 0;  // of the longest name
  size_t done_ = 0;
  bool first_ = true;
};

RunResult RunWithTable(const scenarios::Catalog& catalog,
                       const std::vector<const CatalogEntry*>& chosen, const scenarios::Rig& rig) {
  const StopSignals signals;
  Terminal terminal;
  RunTable table(chosen, &terminal);
  scenarios::RunObserver observer;
  observer.on_suite = [&](const std::string& suite) { table.Suite(suite); };
  observer.on_start = [&](const std::string& name) { table.Start(name); };
  observer.on_result = [&](const ScenarioResult& result) { table.Result(result); };
  observer.stopped = [&] { return signals.came(); };
  const auto begin = std::chrono::steady_clock::now();
  RunResult run = RunCatalog(catalog, chosen, rig, observer);
  table.Totals(run, std::chrono::steady_clock::now() - begin);
  return run;
}

std::string RerunCommand(const RunOptions& options) {
  std::string command = "buildd-harness run --exact";
  if (!options.catalog.empty()) command += " --catalog " + options.catalog;
  if (!options.fake.empty()) command += " --fake " + options.fake;
  if (options.timeout_scale != 1)
    command += fmt::format(" --timeout-scale {}", options.timeout_scale);
  return command;
}

}  // namespace

int RunCommand(const RunOptions& options) {
  const auto catalog = OpenCatalog(options.catalog);
  if (!catalog) return BadInput(catalog.error());
  const auto chosen = ChooseScenarios(*catalog, options);
  if (!chosen) return BadInput(chosen.error());
  const auto fake = FindFake(options.fake);
  if (!fake) return BadInput(fake.error());
  // An unwritable report is better known before the run than after it.
  if (!options.junit.empty()) {
    const auto written = scenarios::WriteJUnit({}, options.junit);
    if (!written) return BadInput(written.error());
  }
  const RunResult run = RunWithTable(*catalog, *chosen,
                                     {*fake,
                                      &scenarios::MakeEmbeddedClient,
                                      RerunCommand(options),
                                      options.timeout_scale,
                                      {BesideThisProgram("buildd-harness"), "up"}});
  if (!options.junit.empty()) {
    const auto written = scenarios::WriteJUnit(run, options.junit);
    if (!written) return BadInput(written.error());
  }
  return run.passed() ? kPassed : kFailed;
}

}  // namespace zlayer::tools
