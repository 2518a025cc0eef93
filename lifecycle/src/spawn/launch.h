// From a request to a running program and the handle on it.

#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "lifecycle/src/base/event_loop.h"
#include "lifecycle/src/base/start_wait.h"
#include "lifecycle/src/base/unique_fd.h"
#include "lifecycle/src/spawn/child_process.h"
#include "lifecycle/src/spawn/process_handle.h"
#include "zlayer/sidecar/config.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

struct LaunchRequest {
  std::string binary;
  std::vector<std::string> arguments;    // after the program's name
  std::vector<std::string> environment;  // NAME=value
  Containment containment = Containment::keeper;
  std::string keeper_path;  // empty: see FindKeeper
};

/// The program as a child of whoever starts it, and killed with that one. Its stdin, stdout and
/// stderr are copies of `descriptors`; `limit` is borrowed.
ChildRequest ProgramRequest(const LaunchRequest& request, std::vector<int> descriptors,
                            ExecLimit* limit);

/// Of all steps of a launch together.
struct LaunchLimits {
  std::stop_token stop;
  Deadline deadline;
};

struct Launched {
  std::unique_ptr<ProcessHandle> handle;
  UniqueFd stdout_pipe;  // our ends: non-blocking, close-on-exec
  UniqueFd stderr_pipe;
};

/// In two steps, so that the caller can do something else while the program starts. stdin is
/// /dev/null, stdout and stderr are pipes, every other descriptor is closed; own process group, no
/// signal blocked, every disposition at its default, whatever this process has.
class Launch {
 public:
  /// ErrorKind::spawn_failed: path and reason; cancelled; handshake_timeout when the limits end the
  /// program's exec, which a dead file system can hold for ever. The keeper's has no limit.
  static Result<std::unique_ptr<Launch>> Begin(LaunchRequest request, LaunchLimits limits,
                                               EventLoop* loop);

  /// Without Await, or after an error of it, ends what there is of the program and leaves nothing.
  virtual ~Launch() = default;

  /// Once. Errors as above.
  virtual Result<Launched> Await() = 0;
};

}  // namespace zlayer::sidecar
