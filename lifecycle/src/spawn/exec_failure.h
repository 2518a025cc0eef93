// Explains why a program could not be executed.

#pragma once

#include <string>

#include "lifecycle/src/spawn/child_process.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// The text of `error`, an errno value of execve(2), and the cause that the file at `path` shows: a
/// missing interpreter or loader, another machine, an open writer. Reads the file for that; errno
/// alone does not tell a missing program from a missing interpreter.
std::string ExplainExecFailure(const std::string& path, int error);

/// Why there is no PID namespace, and what to do. `failure` is of the step clone or user_map.
std::string ExplainNamespaceFailure(const StartFailure& failure);

/// The error for a sidecar that did not start: spawn_failed with path and reason,
/// handshake_timeout, or cancelled.
tl::unexpected<LifecycleError> NotStarted(const std::string& binary, const StartFailure& failure);

}  // namespace zlayer::sidecar
