#include "scenarios/mutants/judge/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace zlayer::scenarios {
namespace {

constexpr const char* kHead =
    "# Which scenario catches which mutant\n"
    "\n"
    "Generated from the patches; [README.md](README.md) says how. {} mutants, {} of {} "
    "scenarios are failed by at\nleast one. A number after a suite is how many of its scenarios "
    "fail.\n"
    "\n"
    "| mutant | what is broken | scenarios that fail |\n"
    "|---|---|---|\n";

bool Named(const std::vector<Mutant>& mutants, const std::string& scenario) {
  return std::any_of(mutants.begin(), mutants.end(),
                     [&](const Mutant& mutant) { return mutant.Names(scenario); });
}

/// The scenarios that the mutant names, as Markdown: "**dial** 2: a, b<br>**mtls** 9: all".
std::string FailedBy(const Mutant& mutant, const Catalog& catalog) {
  std::map<std::string, std::vector<std::string>> suites;
  std::map<std::string, size_t> sizes;
  for (const CatalogEntry& entry : catalog.entries()) {
    ++sizes[entry.suite()];
    if (!mutant.Names(entry.name)) continue;
    suites[entry.suite()].push_back(entry.name.substr(entry.suite().size() + 1));
  }
  std::string text;
  for (const auto& [suite, names] : suites) {
    text += fmt::format("{}**{}** {}: ", text.empty() ? "" : "<br>", suite, names.size());
    if (names.size() == sizes[suite] && names.size() > 1) {
      text += "all";
      continue;
    }
    for (const std::string& name : names) text += (&name == &names.front() ? "" : ", ") + name;
  }
  return text;
}

}  // namespace

std::vector<std::string> Unproven(const std::vector<Mutant>& mutants, const Catalog& catalog) {
  std::vector<std::string> unproven;
  for (const CatalogEntry& entry : catalog.entries()) {
    if (!entry.scenario.no_mutant().empty() || Named(mutants, entry.name)) continue;
    unproven.push_back(entry.name);
  }
  return unproven;
}

std::string MutantTable(const std::vector<Mutant>& mutants, const Catalog& catalog) {
  const auto& entries = catalog.entries();
  const auto named = std::count_if(entries.begin(), entries.end(), [&](const CatalogEntry& entry) {
    return Named(mutants, entry.name);
  });
  std::string text = fmt::format(kHead, mutants.size(), named, entries.size());
  for (const Mutant& mutant : mutants) {
    text += fmt::format("| [{0}]({0}.patch) | {1} | {2} |\n", mutant.name, mutant.why,
                        FailedBy(mutant, catalog));
  }
  std::string without;
  for (const CatalogEntry& entry : entries) {
    if (entry.scenario.no_mutant().empty()) continue;
    without += fmt::format("| {} | {} |\n", entry.name, entry.scenario.no_mutant());
  }
  if (!without.empty()) {
    text += "\n## Without a mutant\n\n| scenario | why |\n|---|---|\n" + without;
  }
  return text;
}

}  // namespace zlayer::scenarios
