// Starts the program, where the library could not start it before the keeper: the library then used
// posix_spawn(3), see StartChild in lifecycle/src/spawn/child_process.h.

#pragma once

#include <sys/types.h>

namespace zlayer::sidecar {

struct StartedProgram {
  pid_t pid;  // 0: it does not run
  int error;  // errno of the step that failed; 0: none
};

/// Starts argv[0] and waits for its exec. The program inherits the descriptors that are not
/// close-on-exec. It leads a process group of its own, and has no signal blocked and every
/// disposition at its default. The kernel kills it when this process ends. If the host ends or
/// hangs up during the exec, the program is killed, and the error is ECANCELED.
StartedProgram StartProgram(char* const* argv, char* const* environment);

}  // namespace zlayer::sidecar
