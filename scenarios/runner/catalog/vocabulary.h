// The names that a scenario may use, and what to say about one that does not exist.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace zlayer::scenarios {

/// Every value of `expect.error`: the kinds of the lifecycle library, and answers_differ
/// (parallel callers got different answers).
const std::vector<std::string>& ErrorNames();

/// Every event of a fake's journal, such as "rpc_started".
const std::vector<std::string>& EventNames();

/// Everything that a client can declare that it can do.
const std::vector<std::string>& CapabilityNames();

/// Every named plan of the fakes.
const std::vector<std::string>& PresetNames();

/// "; did you mean ...?" where something is near, else "; valid: ..." (at most a dozen names).
std::string Suggestion(std::string_view word, const std::vector<std::string>& valid);

bool Contains(const std::vector<std::string>& names, std::string_view word);

}  // namespace zlayer::scenarios
