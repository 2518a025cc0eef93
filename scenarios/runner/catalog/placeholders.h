// Replaces "{name}" in a scenario's texts by a value that is known only when the scenario runs.
//
//   Placeholders values;
//   values.Set("data_dir", "/tmp/x/data");
//   values.Expand("cannot write {data_dir}/buildd");  // "cannot write /tmp/x/data/buildd"

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace zlayer::scenarios {

/// Every name that may stand between braces. scenarios/catalog/README.md explains each; a test
/// checks it.
const std::vector<std::string>& PlaceholderNames();

class Placeholders {
 public:
  /// `name` must be one of PlaceholderNames().
  void Set(std::string_view name, std::string value);

  /// Returns `text` with each "{name}" replaced and each "{{" as "{". The error says which name is
  /// unknown or has no value in this run. Values are not expanded again.
  tl::expected<std::string, std::string> Expand(std::string_view text) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

/// The first thing that is wrong with the placeholders of `text`; empty when nothing is. Does not
/// need values.
std::string CheckPlaceholders(std::string_view text);

}  // namespace zlayer::scenarios
