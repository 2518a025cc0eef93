// The failures that a client is known to have, and why: they still run, and a list that is out of
// date fails the run.
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
  /// No failure is known.
  KnownFailures() = default;

  /// `file` stands for the file in errors. An entry without a reason, or that matches nothing in
  /// the catalogue, is an error.
  static tl::expected<KnownFailures, std::string> Parse(std::string_view file,
                                                        std::string_view text,
                                                        const Catalog& catalog);

  /// A failure that is known becomes Status::known_failure; a known failure that passes, a failure.
  ScenarioResult Judge(ScenarioResult result) const;

 private:
  struct Entry {
    std::string pattern;  // as of fnmatch
    std::string reason;
  };

  const Entry* Find(const std::string& name) const;

  std::vector<Entry> entries_;
};

}  // namespace zlayer::scenarios
