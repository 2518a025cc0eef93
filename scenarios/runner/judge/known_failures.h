// The list of failures that a client is known to have, each with its reason. These scenarios still
// run. A scenario of the list that passes fails the run, so that the list stays up to date.
//
//   # name or pattern    reason
//   mtls/server-sha1     Python's ssl leaves the security level to the system
//   orphans/*            nothing survives this client to clean up

#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "scenarios/runner/catalog/catalog.h"
#include "scenarios/runner/judge/result.h"

namespace zlayer::scenarios {

class KnownFailures {
 public:
  /// An empty list.
  KnownFailures() = default;

  /// `text` is the list; `file` is its name for errors. An entry without a reason, or one that
  /// matches no scenario of the catalogue, is an error.
  static tl::expected<KnownFailures, std::string> Parse(std::string_view file,
                                                        std::string_view text,
                                                        const Catalog& catalog);

  /// Changes the status of a scenario of the list: failed becomes known_failure, passed becomes
  /// failed.
  ScenarioResult Judge(ScenarioResult result) const;

 private:
  struct Entry {
    std::string pattern;  // of fnmatch(3)
    std::string reason;
  };

  const Entry* Find(const std::string& name) const;

  std::vector<Entry> entries_;
};

}  // namespace zlayer::scenarios
