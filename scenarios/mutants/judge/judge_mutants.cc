// judge-mutants: runs the catalogue on clients that are broken on purpose, and checks that the
// right scenarios fail. See ../README.md.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <map>

#include "scenarios/mutants/judge/table.h"
#include "scenarios/mutants/judge/trials.h"
#include "scenarios/runner/catalog/vocabulary.h"

namespace zlayer::scenarios {
namespace {

struct Options {
  std::string patches;
  MutantRig rig;
  std::vector<std::string> names;  // empty: all
  bool exact = false;              // every scenario, not only those that the patches name
  size_t most = 0;                 // scenarios of each mutant, evenly spread; 0: all
  std::string table;               // file to write; empty: none
};

int BadInput(const std::string& what) {
  fmt::print(stderr, "judge-mutants: {}\n", what);
  return 2;
}

/// How the result differs from what the mutant's patch says; empty when it does not.
std::string Wrong(const Trial& trial, const ScenarioResult& result) {
  const std::string& scenario = trial.entry->name;
  const bool named = trial.mutant->Names(scenario);
  if (named && result.status == Status::passed) {
    return scenario + " passes, and the patch says that it fails";
  }
  if (named && result.status != Status::failed) {
    return fmt::format("{} neither passes nor fails: {}", scenario, result.reason);
  }
  if (!named && result.status == Status::failed) {
    const Violation& first = result.violations.front();
    return fmt::format("{} fails, and the patch does not name it: {}: expected {}; seen: {}",
                       scenario, first.step, first.expected, first.seen);
  }
  return "";
}

std::vector<Trial> Trials(const std::vector<Mutant>& mutants, const Catalog& catalog,
                          const Options& options) {
  std::vector<Trial> trials;
  for (const Mutant& mutant : mutants) {
    std::vector<Trial> own;
    for (const CatalogEntry& entry : catalog.entries()) {
      if (options.exact || mutant.Names(entry.name)) own.push_back({&mutant, &entry});
    }
    const size_t count = options.most == 0 ? own.size() : std::min(options.most, own.size());
    for (size_t i = 0; i < count; ++i) trials.push_back(own[i * own.size() / count]);
  }
  return trials;
}

/// Runs the trial once more: a busy machine can make any scenario fail once.
bool FailsAgain(const Trial& trial, const MutantRig& rig) {
  return RunTrials({trial}, rig, [](const auto&, const auto&) {}).front().status == Status::failed;
}

/// Runs the trials and prints what each mutant did. True when every result is what the patches say.
bool Judge(const std::vector<Trial>& trials, const MutantRig& rig) {
  std::map<std::string, int> caught;
  bool right = true;
  const auto results = RunTrials(trials, rig, [](const auto&, const auto&) {});
  for (size_t i = 0; i < trials.size(); ++i) {
    const Trial& trial = trials[i];
    const std::string wrong = Wrong(trial, results[i]);
    const bool named = trial.mutant->Names(trial.entry->name);
    caught[trial.mutant->name] += named && wrong.empty() ? 1 : 0;
    if (wrong.empty() || (!named && !FailsAgain(trial, rig))) continue;
    right = false;
    fmt::print("{}: {}\n", trial.mutant->name, wrong);
    if (named) fmt::print("  {}\n", results[i].rerun);
  }
  for (const auto& [mutant, count] : caught) {
    fmt::print("{}: {} scenarios fail, as its patch says\n", mutant, count);
  }
  return right;
}

int Run(const Options& options) {
  const auto catalog = Catalog::Embedded();
  if (!catalog) return BadInput(catalog.error());
  auto mutants = ReadMutants(options.patches, *catalog);
  if (!mutants) return BadInput(mutants.error());
  std::vector<std::string> names;
  for (const Mutant& mutant : *mutants) names.push_back(mutant.name);
  for (const std::string& name : options.names) {
    if (Contains(names, name)) continue;
    return BadInput(fmt::format("unknown mutant \"{}\"{}", name, Suggestion(name, names)));
  }
  auto chosen = *mutants;
  if (!options.names.empty()) {
    std::erase_if(chosen, [&](const Mutant& one) { return !Contains(options.names, one.name); });
  }
  if (options.table.empty()) return Judge(Trials(chosen, *catalog, options), options.rig) ? 0 : 1;
  std::ofstream file(options.table);
  file << MutantTable(*mutants, *catalog) << std::flush;
  return file ? 0 : BadInput(options.table + ": cannot be written");
}

int Main(int argc, char** argv) {
  CLI::App app("Checks that the catalogue notices clients that are broken on purpose.",
               "judge-mutants");
  Options options;
  app.add_option("name", options.names, "Mutants to run; none: all");
  app.add_option("--patches", options.patches, "Folder of the patches")->required();
  app.add_option("--programs", options.rig.programs, "Folder of the mutants' programs");
  app.add_option("--fake", options.rig.fake, "The fake-zlayer-buildd to use");
  app.add_option("-j,--jobs", options.rig.jobs, "Scenarios at once")->check(CLI::Range(1, 256));
  CLI::Option* most =
      app.add_option("--most", options.most, "Run at most N of the scenarios that a patch names");
  app.add_flag("--exact", options.exact,
               "Run every scenario: only those that the patch names may fail")
      ->excludes(most);
  app.add_option("--table", options.table,
                 "Write the table of what the patches say to this file; run nothing");
  CLI11_PARSE(app, argc, argv);
  return Run(options);
}

}  // namespace
}  // namespace zlayer::scenarios

int main(int argc, char** argv) {
  try {
    return zlayer::scenarios::Main(argc, argv);
  } catch (const std::exception& error) {  // such as std::bad_alloc
    std::fputs(error.what(), stderr);
    return 1;
  }
}
