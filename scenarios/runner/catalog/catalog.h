// The scenarios, each from a file <suite>/<name>.txtpb, or many from one: see sweep.h.
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
  std::string text;  // the file as it was written
  v1::Scenario scenario;

  std::string suite() const { return name.substr(0, name.find('/')); }
};

/// Immutable; sorted by name.
class Catalog {
 public:
  static tl::expected<Catalog, FileError> Embedded();

  /// Every file below `directory`; one that is no scenario is an error, but for README.md.
  static tl::expected<Catalog, FileError> FromDirectory(const std::string& directory);

  /// One file; `place` is its suite/name.
  static tl::expected<CatalogEntry, FileError> Parse(std::string_view place, std::string_view text);

  const std::vector<CatalogEntry>& entries() const { return entries_; }

  /// Null when there is none.
  const CatalogEntry* Find(std::string_view name) const;

  std::vector<std::string> Names() const;

 private:
  std::vector<CatalogEntry> entries_;
};

}  // namespace zlayer::scenarios
