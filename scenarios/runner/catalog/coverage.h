// Compares the catalogue with the lists of faults in scenarios/faults.txt.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/runner/catalog/catalog.h"

namespace zlayer::scenarios {

/// One row of the lists.
struct FaultRow {
  std::string name;  // "users#12"
  bool client;       // a client can meet the fault; false: only a sidecar can
  std::string what;
  std::string elsewhere;  // the test that judges the row because no scenario can; usually empty
};

/// All rows, in the order of the file.
const std::vector<FaultRow>& FaultRows();

/// Why `cover`, a value of Scenario.covers, is not the name of a row; empty when it is.
std::string CheckCover(std::string_view cover);

/// The rows that a client can meet and that neither one of `entries` nor a test elsewhere covers.
std::vector<FaultRow> Uncovered(const std::vector<const CatalogEntry*>& entries);

}  // namespace zlayer::scenarios
