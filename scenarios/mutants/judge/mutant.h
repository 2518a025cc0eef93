// Clients that are broken on purpose: what each is for, and which scenarios must notice.
//
//   Why: The host's own death was not thought of.
//   Fails: orphans/* teardown/crash-leaves-a-child
//
//   --- a/lifecycle/src/spawn/launch.cc
//   ...

#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "scenarios/runner/catalog/catalog.h"

namespace zlayer::scenarios {

/// One patch, <name>.patch.
struct Mutant {
  std::string name;
  std::string why;                 // the bug in the field that it stands for
  std::vector<std::string> fails;  // names or patterns of scenarios, as of fnmatch

  /// Whether the patch names `scenario`.
  bool Names(const std::string& scenario) const;
};

/// The head of a patch. A line that is none, or a pattern that matches nothing, is an error.
tl::expected<Mutant, std::string> ParseMutant(const std::string& name, std::string_view patch,
                                              const Catalog& catalog);

/// Every *.patch in `directory`, sorted by name; at least one.
tl::expected<std::vector<Mutant>, std::string> ReadMutants(const std::string& directory,
                                                           const Catalog& catalog);

}  // namespace zlayer::scenarios
