// The catalogue: the scenarios as data.
//
// A scenario is a file <suite>/<name>.txtpb in the schema proto/scenario.proto; a sweep (sweep.h)
// makes several scenarios of one file. check_scenario and check_step reject a scenario that cannot
// mean what it says, when it is loaded. vocabulary holds the names that a scenario may use,
// placeholders the values that only a run knows. needs derives the capabilities that a client must
// declare, coverage compares the catalogue with the lists of faults, timeout_scale adapts a
// scenario to a slow machine.
//
// Invariants: a Catalog holds only scenarios that passed the checks. Nothing in this room starts a
// process.
//
//   auto catalog = Catalog::Embedded();          // compiled in
//   auto catalog = Catalog::FromDirectory(dir);  // read now
//   const CatalogEntry* entry = catalog->Find("handshake/hang-at-start");

#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "proto/message_file.h"
#include "zlayer/proto/scenario.pb.h"

namespace zlayer::scenarios {

struct CatalogEntry {
  std::string name;  // suite/name
  std::string text;  // the file as it was written; of a sweep, with the value put in
  v1::Scenario scenario;

  std::string suite() const { return name.substr(0, name.find('/')); }
};

/// Immutable; sorted by name.
class Catalog {
 public:
  /// The catalogue that is compiled into the program.
  static tl::expected<Catalog, FileError> Embedded();

  /// Reads every file below `directory`. A file that is not a scenario is an error, except
  /// README.md.
  static tl::expected<Catalog, FileError> FromDirectory(const std::string& directory);

  /// Parses and checks one scenario, which is not a sweep; `place` is its suite/name.
  static tl::expected<CatalogEntry, FileError> Parse(std::string_view place, std::string_view text);

  const std::vector<CatalogEntry>& entries() const { return entries_; }

  /// Null when there is no scenario of this name.
  const CatalogEntry* Find(std::string_view name) const;

  std::vector<std::string> Names() const;

 private:
  std::vector<CatalogEntry> entries_;
};

}  // namespace zlayer::scenarios
