// For a host that could not start its program itself: see StartChild.

#pragma once

#include <sys/types.h>

namespace zlayer::sidecar {

struct StartedProgram {
  pid_t pid;  // 0: it does not run
  int error;  // errno of what failed
};

/// The program has this process's descriptors but for those that exec closes, a process group of
/// its own, no signal blocked, and every disposition at its default. It is killed when this process
/// ends.
StartedProgram StartProgram(char* const* argv, char* const* environment);

}  // namespace zlayer::sidecar
