#include "scenarios/mutants/judge/mutant.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "proto/message_file.h"
#include "scenarios/runner/catalog/vocabulary.h"

namespace zlayer::scenarios {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kWhy = "Why: ";
constexpr std::string_view kFails = "Fails: ";

bool Matches(const std::string& pattern, const std::string& name) {
  return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

/// Why the pattern matches no scenario; empty when it matches one.
std::string CheckPattern(const std::string& pattern, const std::vector<std::string>& names) {
  const bool known = std::any_of(names.begin(), names.end(),
                                 [&](const auto& name) { return Matches(pattern, name); });
  if (known) return "";
  return fmt::format("no scenario matches \"{}\"{}", pattern, Suggestion(pattern, names));
}

}  // namespace

bool Mutant::Names(const std::string& scenario) const {
  return std::any_of(fails.begin(), fails.end(),
                     [&](const auto& pattern) { return Matches(pattern, scenario); });
}

tl::expected<Mutant, std::string> ParseMutant(const std::string& name, std::string_view patch,
                                              const Catalog& catalog) {
  const std::vector<std::string> names = catalog.Names();
  Mutant mutant{name, "", {}};
  std::istringstream lines{std::string(patch)};
  std::string line;
  while (std::getline(lines, line) && !line.starts_with("--- ") && !line.starts_with("diff ")) {
    if (line.starts_with(kWhy)) {
      mutant.why = line.substr(kWhy.size());
    } else if (line.starts_with(kFails)) {
      std::istringstream patterns(line.substr(kFails.size()));
      for (std::string pattern; patterns >> pattern;) mutant.fails.push_back(pattern);
    } else if (!line.empty()) {
      return tl::unexpected(fmt::format(
          "{}.patch: \"{}\" begins with neither \"Why: \" nor \"Fails: \"", name, line));
    }
  }
  if (mutant.why.empty()) return tl::unexpected(name + ".patch: has no \"Why: \"");
  if (mutant.fails.empty()) {
    return tl::unexpected(name + ".patch: \"Fails: \" names no scenario; it would prove nothing");
  }
  for (const std::string& pattern : mutant.fails) {
    const std::string error = CheckPattern(pattern, names);
    if (!error.empty()) return tl::unexpected(fmt::format("{}.patch: Fails: {}", name, error));
  }
  return mutant;
}

tl::expected<std::vector<Mutant>, std::string> ReadMutants(const std::string& directory,
                                                           const Catalog& catalog) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    if (entry.path().extension() == ".patch") paths.push_back(entry.path());
  }
  if (paths.empty()) return tl::unexpected(directory + ": contains no mutant");
  std::sort(paths.begin(), paths.end());
  std::vector<Mutant> mutants;
  for (const fs::path& path : paths) {
    const auto text = ReadFile(path.string());
    if (!text) return tl::unexpected(std::string(text.error()));
    auto mutant = ParseMutant(path.stem().string(), *text, catalog);
    if (!mutant) return tl::unexpected(std::move(mutant.error()));
    mutants.push_back(std::move(*mutant));
  }
  return mutants;
}

}  // namespace zlayer::scenarios
