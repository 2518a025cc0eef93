#include "scenarios/runner/catalog/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "catalog_files.h"
#include "scenarios/runner/catalog/check_scenario.h"
#include "scenarios/runner/catalog/sweep.h"

namespace zlayer::scenarios {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kExtension = ".txtpb";

/// Whether `place` is <suite>/<name>, of a-z, 0-9 and hyphens.
bool IsPlace(std::string_view place) {
  const size_t slash = place.find('/');
  if (slash == 0 || slash == place.npos || slash + 1 == place.size()) return false;
  return std::all_of(place.begin(), place.end(),
                     [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                              c == '/';
                     }) &&
         place.find('/', slash + 1) == place.npos;
}

tl::expected<std::vector<fs::path>, FileError> FilesBelow(const std::string& directory) {
  std::error_code error;
  fs::recursive_directory_iterator walk(directory, error);
  std::vector<fs::path> files;
  for (; !error && walk != fs::recursive_directory_iterator(); walk.increment(error)) {
    if (!walk->is_directory() && walk->path().filename() != "README.md") {
      files.push_back(walk->path());
    }
  }
  if (error) return tl::unexpected(directory + ": cannot be read: " + error.message());
  return files;
}

/// Adds the scenario of a file, or all scenarios of a sweep.
tl::expected<void, FileError> ParseInto(std::string_view place, std::string_view text,
                                        std::vector<CatalogEntry>* entries) {
  const auto files = ExpandSweep(place, text);
  if (!files) return tl::unexpected(fmt::format("{}{}:1: {}", place, kExtension, files.error()));
  for (const SweptFile& file : *files) {
    auto entry = Catalog::Parse(file.place, file.text);
    if (!entry) return tl::unexpected(entry.error());
    entries->push_back(std::move(*entry));
  }
  return {};
}

tl::expected<void, FileError> ParseFile(const fs::path& path, const fs::path& root,
                                        std::vector<CatalogEntry>* entries) {
  std::string place = path.lexically_relative(root).string();
  if (!place.ends_with(kExtension)) {
    return tl::unexpected(path.string() + ": is not a scenario; name it <suite>/<name>.txtpb");
  }
  place.resize(place.size() - kExtension.size());
  const auto text = ReadFile(path, kLargestWritten);
  if (!text) return tl::unexpected(text.error());
  auto parsed = ParseInto(place, *text, entries);
  if (!parsed) return tl::unexpected((root / parsed.error()).string());
  return {};
}

}  // namespace

tl::expected<CatalogEntry, FileError> Catalog::Parse(std::string_view place,
                                                     std::string_view text) {
  const std::string file = std::string(place) + std::string(kExtension);
  if (!IsPlace(place)) {
    return tl::unexpected(file + ": a scenario's file is <suite>/<name>.txtpb, of a-z, 0-9 and -");
  }
  auto scenario = ParseMessage<v1::Scenario>(file, text);
  if (!scenario) return tl::unexpected(scenario.error());
  const std::string error = CheckScenario(place, *scenario);
  if (!error.empty()) return tl::unexpected(file + ": " + error);
  return CatalogEntry{std::string(place), std::string(text), std::move(*scenario)};
}

tl::expected<Catalog, FileError> Catalog::Embedded() {
  Catalog catalog;
  for (const EmbeddedFile& file : CatalogFiles()) {
    auto parsed = ParseInto(file.stem, file.text, &catalog.entries_);
    if (!parsed) return tl::unexpected(parsed.error());
  }
  std::sort(catalog.entries_.begin(), catalog.entries_.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return catalog;
}

tl::expected<Catalog, FileError> Catalog::FromDirectory(const std::string& directory) {
  auto files = FilesBelow(directory);
  if (!files) return tl::unexpected(files.error());
  if (files->empty()) return tl::unexpected(directory + ": contains no scenario");
  Catalog catalog;
  for (const fs::path& path : *files) {
    auto parsed = ParseFile(path, directory, &catalog.entries_);
    if (!parsed) return tl::unexpected(parsed.error());
  }
  std::sort(catalog.entries_.begin(), catalog.entries_.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return catalog;
}

const CatalogEntry* Catalog::Find(std::string_view name) const {
  for (const CatalogEntry& entry : entries_) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

std::vector<std::string> Catalog::Names() const {
  std::vector<std::string> names;
  for (const CatalogEntry& entry : entries_) names.push_back(entry.name);
  return names;
}

}  // namespace zlayer::scenarios
