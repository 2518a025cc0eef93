#include "scenarios/runner/catalog/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "fault_rows.h"
#include "scenarios/runner/catalog/vocabulary.h"

namespace zlayer::scenarios {
namespace {

constexpr std::string_view kElsewhere = "  elsewhere: ";

}  // namespace

const std::vector<FaultRow>& FaultRows() {
  static const std::vector<FaultRow> rows = [] {
    std::vector<FaultRow> all;
    std::istringstream lines{std::string(FaultRowFiles().front().text)};
    std::string line;
    while (std::getline(lines, line)) {
      if (line.empty() || line.front() == '#') continue;
      std::istringstream words(line);
      FaultRow row;
      std::string sides;
      words >> row.name >> sides >> std::ws;
      std::getline(words, row.what);
      if (const size_t at = row.what.find(kElsewhere); at != std::string::npos) {
        row.elsewhere = row.what.substr(at + kElsewhere.size());
        row.what.resize(at);
      }
      row.client = sides.find('C') != sides.npos;
      all.push_back(row);
    }
    return all;
  }();
  return rows;
}

std::string CheckCover(std::string_view cover) {
  std::vector<std::string> names;
  for (const FaultRow& row : FaultRows()) names.push_back(row.name);
  if (Contains(names, cover)) return "";
  return fmt::format("\"{}\" is not a row of scenarios/faults.txt{}", cover,
                     Suggestion(cover, names));
}

std::vector<FaultRow> Uncovered(const std::vector<const CatalogEntry*>& entries) {
  std::set<std::string> covered;
  for (const CatalogEntry* entry : entries) {
    covered.insert(entry->scenario.covers().begin(), entry->scenario.covers().end());
  }
  std::vector<FaultRow> uncovered;
  for (const FaultRow& row : FaultRows()) {
    if (!row.client || !row.elsewhere.empty()) continue;
    if (!covered.contains(row.name)) uncovered.push_back(row);
  }
  return uncovered;
}

}  // namespace zlayer::scenarios
