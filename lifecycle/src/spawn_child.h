// Starts a program with a clean slate and hands back what is needed to watch and end it.

#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "unique_fd.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

struct SpawnRequest {
  std::string binary;
  std::vector<std::string> arguments;    // without the program's name
  std::vector<std::string> environment;  // NAME=value
};

/// A child that is not reaped yet, so its pid, which is also its process group's id, stays its own.
struct SpawnedChild {
  pid_t pid;
  UniqueFd pidfd;
  UniqueFd stdout_pipe;  // our ends: non-blocking, close-on-exec
  UniqueFd stderr_pipe;
};

/// stdin is /dev/null, stdout and stderr are pipes, every other descriptor is closed; own process
/// group, no signal blocked, every disposition at its default, whatever this process has.
/// ErrorKind::spawn_failed: path and errno text.
Result<SpawnedChild> SpawnChild(const SpawnRequest& request);

}  // namespace zlayer::sidecar
