// Why the kernel would not run a file.

#pragma once

#include <string>

#include "lifecycle/src/spawn/child_process.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// `error`'s text, with what a look at the file adds: the interpreter or loader that is missing,
/// the machine it was built for, who has it open. `path` is read for that.
std::string ExplainExecFailure(const std::string& path, int error);

/// Why `binary` does not run: spawn_failed with path and reason, handshake_timeout, or cancelled.
tl::unexpected<LifecycleError> NotStarted(const std::string& binary, const StartFailure& failure);

}  // namespace zlayer::sidecar
