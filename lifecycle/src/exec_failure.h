// Why the kernel would not run a file.

#pragma once

#include <string>

namespace zlayer::sidecar {

/// `error`'s text, with what a look at the file adds: the interpreter or loader that is missing,
/// the machine it was built for, who has it open. `path` is read for that.
std::string ExplainExecFailure(const std::string& path, int error);

}  // namespace zlayer::sidecar
