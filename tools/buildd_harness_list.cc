#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "scenarios/runner/words.h"
#include "tools/buildd_harness.h"
#include "tools/choose_scenarios.h"
#include "tools/terminal.h"

namespace zlayer::tools {

int ListCommand(const RunOptions& options) {
  const auto catalog = OpenCatalog(options.catalog);
  if (!catalog) return BadInput(catalog.error());
  const auto chosen = ChooseScenarios(*catalog, options);
  if (!chosen) return BadInput(chosen.error());
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
