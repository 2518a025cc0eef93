// A mutant is a client that is broken on purpose by a patch. The head of the patch says what is
// broken and which scenarios must fail:
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

/// The head of <name>.patch.
struct Mutant {
  std::string name;
  std::string why;                 // the bug that it stands for, one line
  std::vector<std::string> fails;  // names of scenarios, or patterns of fnmatch(3)

  /// Whether the patch names `scenario`.
  bool Names(const std::string& scenario) const;
};

/// Parses the head, the lines before the diff. An unknown line, or a pattern that matches no
/// scenario, is an error.
tl::expected<Mutant, std::string> ParseMutant(const std::string& name, std::string_view patch,
                                              const Catalog& catalog);

/// Parses every *.patch in `directory`. Returns them sorted by name; an error when there are none.
tl::expected<std::vector<Mutant>, std::string> ReadMutants(const std::string& directory,
                                                           const Catalog& catalog);

}  // namespace zlayer::scenarios
