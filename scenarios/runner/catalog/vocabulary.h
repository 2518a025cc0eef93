// The names that a scenario may use, and the suggestion for a name that does not exist.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace zlayer::scenarios {

/// Every value of `expect.error`: the error kinds of the lifecycle library, and the runner's own,
/// which scenarios/catalog/README.md lists ("Errors").
const std::vector<std::string>& ErrorNames();

/// Every event of a fake's journal, such as "rpc_started".
const std::vector<std::string>& EventNames();

/// Every capability that a client can declare.
const std::vector<std::string>& CapabilityNames();

/// Every preset, a plan that is compiled into the fake under a name.
const std::vector<std::string>& PresetNames();

/// The end of an error message: "; did you mean ...?" when a valid name is similar to `word`, else
/// "; valid: ..." with at most twelve names.
std::string Suggestion(std::string_view word, const std::vector<std::string>& valid);

bool Contains(const std::vector<std::string>& names, std::string_view word);

}  // namespace zlayer::scenarios
