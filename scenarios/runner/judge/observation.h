// What a client said of one step.

#pragma once

#include <optional>
#include <string>

namespace zlayer::scenarios {

/// What a client says after a step.
struct Observation {
  /// Empty: success; else one of ErrorNames().
  std::string error;
  std::string message;
  /// How the sidecar ended, where the step tells.
  std::optional<int> exit_code;
  std::optional<int> signal;
  std::optional<bool> escalated;
  /// Whether the same call on a new sidecar may succeed, where the error tells.
  std::optional<bool> retryable;
  /// The end of the sidecar's stderr, as far as the client has it.
  std::string stderr_tail;
  /// Tells one sidecar from the next; empty when the step got none.
  std::string sidecar;

  bool ok() const { return error.empty(); }
};

}  // namespace zlayer::scenarios
