#include "scenarios/runner/run/worker.h"

#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

#include "scenarios/runner/clients/adapter_values.h"
#include "scenarios/runner/report/report.h"

namespace zlayer::scenarios {
namespace {

/// Each step of a scenario has a limit. This backstop ends a worker that hangs outside of a step.
constexpr std::chrono::minutes kLongestScenario{10};

}  // namespace

ScenarioResult Worker::Run(const CatalogEntry& entry) {
  ScenarioResult lost;  // the result if the worker dies
  lost.name = entry.name;
  lost.status = Status::harness_error;
  lost.rerun = rerun_ + " " + entry.name;
  const auto begin = std::chrono::steady_clock::now();
  if (!process_) {
    auto started = ChildProcess::Start(command_, OwnEnvironment(), {true, STDERR_FILENO});
    if (!started) {
      lost.reason = "the runner's worker: " + started.error();
      return lost;
    }
    process_ = std::move(*started);
  }
  process_->WriteLine(entry.name);
  const auto line = process_->ReadLine(Deadline(kLongestScenario));
  v1::ScenarioReport report;
  if (line && FromLine(*line, &report)) return FromReport(report);
  const int status = process_->Wait(Deadline(std::chrono::seconds(1)));
  process_.reset();
  lost.took = std::chrono::steady_clock::now() - begin;
  lost.reason =
      status > 128 ? fmt::format(
                         "the process that ran it died of signal {}: the client "
                         "under judgement crashed in it",
                         status - 128)
      : line ? fmt::format("the runner's worker said \"{}\"", line->substr(0, 200))
             : fmt::format("the runner's worker ended with status {}: {}", status, line.error());
  return lost;
}

int WorkerMain(const Catalog& catalog, const RunOne& run) {
  std::string name;
  while (std::getline(std::cin, name)) {
    const CatalogEntry* entry = catalog.Find(name);
    if (entry == nullptr) return 1;
    std::cout << ToLine(ToReport(run(*entry))) << std::endl;
  }
  return 0;
}

}  // namespace zlayer::scenarios
