#include "tools/choose_scenarios.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include "scenarios/runner/words.h"

namespace zlayer::tools {
namespace {

using scenarios::Catalog;
using scenarios::CatalogEntry;

bool Means(const std::string& name, const CatalogEntry& entry, bool exact) {
  return entry.name == name || (!exact && entry.suite() == name);
}

/// Empty, or why `name` means nothing.
std::string CheckName(const Catalog& catalog, const std::string& name, bool exact) {
  std::vector<std::string> valid = catalog.Names();
  for (const CatalogEntry& entry : catalog.entries()) {
    if (Means(name, entry, exact)) return "";
    if (!exact && !scenarios::Contains(valid, entry.suite())) valid.push_back(entry.suite());
  }
  return fmt::format("unknown scenario \"{}\"{}", name, scenarios::Suggestion(name, valid));
}

bool Chosen(const CatalogEntry& entry, const RunOptions& options) {
  if (!options.filter.empty() && fnmatch(options.filter.c_str(), entry.name.c_str(), 0) != 0) {
    return false;
  }
  if (options.names.empty()) return true;
  for (const std::string& name : options.names) {
    if (Means(name, entry, options.exact)) return true;
  }
  return false;
}

}  // namespace

tl::expected<Catalog, std::string> OpenCatalog(const std::string& directory) {
  return directory.empty() ? Catalog::Embedded() : Catalog::FromDirectory(directory);
}

tl::expected<std::vector<const CatalogEntry*>, std::string> ChooseScenarios(
    const Catalog& catalog, const RunOptions& options) {
  for (const std::string& name : options.names) {
    const std::string error = CheckName(catalog, name, options.exact);
    if (!error.empty()) return tl::unexpected(error);
  }
  std::vector<const CatalogEntry*> chosen;
  for (const CatalogEntry& entry : catalog.entries()) {
    if (Chosen(entry, options)) chosen.push_back(&entry);
  }
  if (chosen.empty()) {
    return tl::unexpected(fmt::format(
        "no scenario matches \"{}\"; patterns match whole names, such as \"handshake/*\"",
        options.filter));
  }
  return chosen;
}

}  // namespace zlayer::tools
