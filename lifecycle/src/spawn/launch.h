// From a launch request to a running sidecar and the handle on it.
//
// This is the main header of the room spawn/; start reading here. Each part uses the next one:
//
//   launch         Launch, the interface for share/start.cc; picks a way to launch by Containment
//   keeper_launch  starts the sidecar and a keeper that is its parent; makes a KeeperHandle
//   keeper_link    our end of that keeper: orders, reports, and its end if it does not answer
//   group_launch   starts the sidecar as a child of this process; makes a GroupHandle
//   child_process  StartChild: one child by clone_exec, or by posix_spawn(3) where clone is refused
//   clone_exec     the parent's part of a clone(2) that shares memory: stack, signal mask, the wait
//   clone_child    the child's part: everything between clone(2) and execve(2)
//
// exec_limit bounds the wait for an execve(2), exec_failure says why it failed, launch_pipes makes
// stdin, stdout and stderr, and find_keeper finds the keeper's executable. keeper_protocol.h is all
// that this library and the keeper (lifecycle/keeper/) share.
//
// Invariants: a launch that fails leaves no process behind, but for a child in a system call that
// SIGKILL does not interrupt. A pid is used only while its process is not reaped, so the kernel
// cannot have given the number to another process.

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
  std::vector<std::string> arguments;    // without the program's name
  std::vector<std::string> environment;  // NAME=value
  Containment containment = Containment::keeper;
  std::string keeper_path;  // empty: see FindKeeper
  /// From SIGTERM to SIGKILL when this process dies. Not used with Containment::group.
  std::chrono::milliseconds grace{0};
};

/// The request for the sidecar's own process, the same in both ways to launch. The kernel kills the
/// sidecar when the thread that starts it ends. The sidecar's stdin, stdout and stderr are copies
/// of `descriptors`. `limit` is borrowed.
ChildRequest ProgramRequest(const LaunchRequest& request, std::vector<int> descriptors,
                            ExecLimit* limit);

/// For all steps of a launch together.
struct LaunchLimits {
  std::stop_token stop;
  Deadline deadline;
};

struct Launched {
  std::unique_ptr<ProcessHandle> handle;
  UniqueFd stdout_pipe;  // our read ends: non-blocking, close-on-exec
  UniqueFd stderr_pipe;
};

/// A launch has two steps, so that the caller can prepare TLS while the sidecar starts.
///
/// The sidecar's stdin is /dev/null, its stdout and stderr are pipes, and every other descriptor is
/// closed. It leads a process group of its own. No signal is blocked or ignored in it, whatever
/// this process blocks or ignores.
///
/// Not synchronised: one thread, the one of the start.
class Launch {
 public:
  /// Blocks until the keeper runs; with Containment::group it does not wait for the exec.
  ///
  /// ErrorKind::spawn_failed: path and reason. ErrorKind::cancelled or handshake_timeout: `limits`
  /// ended the exec of the sidecar or the keeper, which can hang for ever on a file system that
  /// does not answer; or the keeper was stopped meanwhile. Returns at most 4 s after the limit.
  static Result<std::unique_ptr<Launch>> Begin(LaunchRequest request, LaunchLimits limits,
                                               EventLoop* loop);

  /// Without a successful Await, kills whatever was started and waits for its end.
  virtual ~Launch() = default;

  /// Call once. Errors as for Begin.
  virtual Result<Launched> Await() = 0;
};

}  // namespace zlayer::sidecar
