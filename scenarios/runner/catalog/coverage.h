// Which faults the catalogue stands for.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/runner/catalog/catalog.h"

namespace zlayer::scenarios {

/// A row of a list of faults, see scenarios/faults.txt.
struct FaultRow {
  std::string name;  // "users#12"
  bool client;       // a client meets it; false: only a sidecar does
  std::string what;
  std::string elsewhere;  // a test that judges it instead of a scenario; mostly empty
};

const std::vector<FaultRow>& FaultRows();

/// Empty when `cover` is a row; else why it is none.
std::string CheckCover(std::string_view cover);

/// The rows that a client meets and none of `entries` covers, nor a test elsewhere.
std::vector<FaultRow> Uncovered(const std::vector<const CatalogEntry*>& entries);

}  // namespace zlayer::scenarios
