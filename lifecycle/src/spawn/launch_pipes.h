// The three standard descriptors of a program, and our ends of its pipes.

#pragma once

#include "lifecycle/src/base/unique_fd.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

struct LaunchPipes {
  UniqueFd null;  // /dev/null, for stdin
  UniqueFd stdout_read;
  UniqueFd stdout_write;
  UniqueFd stderr_read;
  UniqueFd stderr_write;

  /// Close-on-exec, our ends non-blocking. ErrorKind::spawn_failed.
  static Result<LaunchPipes> Make();
};

}  // namespace zlayer::sidecar
