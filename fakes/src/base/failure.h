// Errors as values. A Failure ends the fake: main() reports it and exits with its status.

#pragma once

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "fakes/src/base/log_field.h"

namespace zlayer::fakes::daemon {

/// Exit statuses. 0 to 2 are the deployed daemon's; 124 means that the lifetime is over.
enum ExitCode : int { kExitOk = 0, kExitStartFailed = 1, kExitBadInput = 2, kExitLifetime = 124 };

struct Failure {
  int exit_code = kExitStartFailed;
  std::string message;  ///< one line for a person
  /// The step that failed, in the deployed daemon's words, and the fields of its log line. Empty
  /// where the deployed daemon has no such step.
  std::string step = "";
  std::vector<LogField> fields = {};
};

template <typename T>
using Result = tl::expected<T, Failure>;

inline tl::unexpected<Failure> BadInput(std::string message) {
  return tl::unexpected(Failure{kExitBadInput, std::move(message)});
}

inline tl::unexpected<Failure> StartFailed(std::string message) {
  return tl::unexpected(Failure{kExitStartFailed, std::move(message)});
}

/// "<what>: <text of errno>".
inline tl::unexpected<Failure> StartFailedErrno(std::string_view what) {
  return StartFailed(std::string(what) + ": " + std::strerror(errno));
}

/// The failure as one of `step`.
inline Failure InStep(Failure failure, std::string step, std::vector<LogField> fields = {}) {
  failure.step = std::move(step);
  failure.fields = std::move(fields);
  return failure;
}

}  // namespace zlayer::fakes::daemon
