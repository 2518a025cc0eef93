// Starts the upstream's program below a guardian, and ends both with the fake.

#pragma once

#include <sys/types.h>

#include <string>

#include "fakes/src/base/failure.h"
#include "fakes/src/base/unique_fd.h"

namespace zlayer::fakes::daemon {

/// The program runs, and the guardian holds it.
struct Guarded {
  UniqueFd
      channel;  ///< orders go, reports come (guardian.h). Its end of file: the guardian is dead
  pid_t program = 0;  ///< a child of the guardian; not to be signalled by its number
};

/// Bad input when the program at `path` cannot be executed, or when this fake is an upstream
/// itself.
Result<void> CheckUpstream(const std::string& path);

/// Starts the program with the arguments of `argv`, but a port of its own. `out` becomes its
/// stdout; -1: the fake's. From then on, whatever ends this process by itself ends the program
/// first (base/ before_end.h). Call it once, on the main thread. Bad input when the program cannot
/// be executed.
Result<Guarded> StartGuarded(const std::string& path, const char* const* argv, int out);

/// True when a thread ends this process, and so has told the guardian to end everything.
bool IsEnding();

}  // namespace zlayer::fakes::daemon
