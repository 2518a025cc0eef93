// The sidecar's stdin, stdout and stderr, and our read ends of its pipes.

#pragma once

#include "lifecycle/src/base/unique_fd.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

struct LaunchPipes {
  UniqueFd null;  // /dev/null, for stdin
  UniqueFd stdout_read;
  UniqueFd stdout_write;  // close after the start: end of file needs the last write end closed
  UniqueFd stderr_read;
  UniqueFd stderr_write;

  /// All are close-on-exec; only the read ends are non-blocking. ErrorKind::spawn_failed.
  static Result<LaunchPipes> Make();
};

}  // namespace zlayer::sidecar
