// What a client answered to one step.

#pragma once

#include <optional>
#include <string>

namespace zlayer::scenarios {

/// Filled in by the client. The runner compares it with v1::Expect; see verdict.h.
struct Observation {
  /// Empty for success, else one of ErrorNames() (catalog/vocabulary.h).
  std::string error;
  std::string message;
  /// How the sidecar ended, if the step learned it. `escalated`: SIGKILL was needed.
  std::optional<int> exit_code;
  std::optional<int> signal;
  std::optional<bool> escalated;
  /// Whether the same call on a new sidecar may succeed, if the error says so.
  std::optional<bool> retryable;
  /// The end of the sidecar's stderr, as much as the client has kept.
  std::string stderr_tail;
  /// Identifies the sidecar that the step used: equal for the same process, different for another.
  /// Empty when the step got no sidecar.
  std::string sidecar;
  /// The last lines of a build, as the client's user got them.
  std::string log;

  bool ok() const { return error.empty(); }
};

}  // namespace zlayer::scenarios
