#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "scenarios/runner/catalog/coverage.h"
#include "scenarios/runner/catalog/vocabulary.h"
#include "tools/buildd_harness.h"
#include "tools/choose_scenarios.h"
#include "tools/terminal.h"

namespace zlayer::tools {
namespace {

/// The rows that nothing covers; a failure when there are some.
int PrintCoverage(const std::vector<const scenarios::CatalogEntry*>& chosen) {
  Terminal terminal;
  const std::vector<scenarios::FaultRow> uncovered = scenarios::Uncovered(chosen);
  for (const scenarios::FaultRow& row : scenarios::FaultRows()) {
    if (row.elsewhere.empty()) continue;
    terminal.Line(
        terminal.Dim(fmt::format("{:<9}  {}; elsewhere: {}", row.name, row.what, row.elsewhere)));
  }
  for (const scenarios::FaultRow& row : uncovered) {
    terminal.Line(fmt::format("{:<9}  {}", row.name, row.what));
  }
  terminal.Line(fmt::format("{} rows of {} without a scenario", uncovered.size(),
                            scenarios::FaultRows().size()));
  return uncovered.empty() ? kPassed : kFailed;
}

}  // namespace

int ListCommand(Choice choice, bool coverage) {
  choice.slow = true;
  const auto catalog = OpenCatalog(choice.catalog);
  if (!catalog) return BadInput(catalog.error());
  const auto chosen = ChooseScenarios(*catalog, choice);
  if (!chosen) return BadInput(chosen.error());
  if (coverage) return PrintCoverage(*chosen);
  size_t width = 0;
  for (const auto* entry : *chosen) width = std::max(width, entry->name.size());
  Terminal terminal;
  for (const auto* entry : *chosen) {
    terminal.Line(
        fmt::format("{:<{}}  {}", entry->name, width, terminal.Dim(entry->scenario.why())));
  }
  return kPassed;
}

int ShowCommand(const std::string& directory, const std::string& name) {
  const auto catalog = OpenCatalog(directory);
  if (!catalog) return BadInput(catalog.error());
  const auto* entry = catalog->Find(name);
  if (entry == nullptr) {
    return BadInput(fmt::format("unknown scenario \"{}\"{}", name,
                                scenarios::Suggestion(name, catalog->Names())));
  }
  std::fwrite(entry->text.data(), 1, entry->text.size(), stdout);
  return kPassed;
}

}  // namespace zlayer::tools
