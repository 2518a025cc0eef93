#include "tools/choose_scenarios.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>

#include "scenarios/runner/catalog/vocabulary.h"
#include "tools/shard.h"

namespace zlayer::tools {
namespace {

using scenarios::Catalog;
using scenarios::CatalogEntry;

bool Means(const std::string& name, const CatalogEntry& entry, bool exact) {
  return entry.name == name || (!exact && entry.suite() == name);
}

/// Why `name` is neither a suite nor a scenario; empty if it is one.
std::string CheckName(const Catalog& catalog, const std::string& name, bool exact) {
  std::vector<std::string> valid = catalog.Names();
  for (const CatalogEntry& entry : catalog.entries()) {
    if (Means(name, entry, exact)) return "";
    if (!exact && !scenarios::Contains(valid, entry.suite())) valid.push_back(entry.suite());
  }
  return fmt::format("unknown {} \"{}\"{}", exact ? "scenario" : "scenario or suite", name,
                     scenarios::Suggestion(name, valid));
}

std::string CheckSuite(const Catalog& catalog, const std::string& suite) {
  std::vector<std::string> valid;
  for (const CatalogEntry& entry : catalog.entries()) {
    if (entry.suite() == suite) return "";
    if (!scenarios::Contains(valid, entry.suite())) valid.push_back(entry.suite());
  }
  return fmt::format("unknown suite \"{}\"{}", suite, scenarios::Suggestion(suite, valid));
}

/// The protocol's own limits, up to 15 s each.
constexpr std::string_view kSlowSuite = "defaults";

bool Chosen(const CatalogEntry& entry, const Choice& choice) {
  const bool named = !choice.filter.empty() || !choice.suites.empty() || !choice.names.empty();
  if (!named && !choice.slow && entry.suite() == kSlowSuite) return false;
  if (!choice.filter.empty() && fnmatch(choice.filter.c_str(), entry.name.c_str(), 0) != 0) {
    return false;
  }
  if (!choice.suites.empty() && !scenarios::Contains(choice.suites, entry.suite())) return false;
  if (choice.names.empty()) return true;
  return std::any_of(choice.names.begin(), choice.names.end(),
                     [&](const std::string& name) { return Means(name, entry, choice.exact); });
}

std::string WhyNone(const Choice& choice) {
  if (choice.filter.empty()) return "no scenario is both named and in a --suite; leave one out";
  return fmt::format(
      "--filter: no scenario{} matches \"{}\"; patterns match whole names, such as \"handshake/*\"",
      choice.names.empty() && choice.suites.empty() ? "" : " that is named", choice.filter);
}

}  // namespace

tl::expected<Catalog, std::string> OpenCatalog(const std::string& directory) {
  return directory.empty() ? Catalog::Embedded() : Catalog::FromDirectory(directory);
}

tl::expected<std::vector<const CatalogEntry*>, std::string> ChooseScenarios(const Catalog& catalog,
                                                                            const Choice& choice) {
  for (const std::string& name : choice.names) {
    const std::string error = CheckName(catalog, name, choice.exact);
    if (!error.empty()) return tl::unexpected(error);
  }
  for (const std::string& suite : choice.suites) {
    const std::string error = CheckSuite(catalog, suite);
    if (!error.empty()) return tl::unexpected(error);
  }
  const auto shard = ParseShard(choice.shard);
  if (!shard) return tl::unexpected(shard.error());
  std::vector<const CatalogEntry*> chosen;
  size_t matched = 0;
  for (const CatalogEntry& entry : catalog.entries()) {
    if (!Chosen(entry, choice)) continue;
    if (shard->Has(matched++)) chosen.push_back(&entry);
  }
  if (matched == 0) return tl::unexpected(WhyNone(choice));
  if (chosen.empty()) {
    return tl::unexpected(fmt::format("shard {} of {} is empty: there are only {} scenarios",
                                      shard->index + 1, shard->count, matched));
  }
  return chosen;
}

}  // namespace zlayer::tools
