// Starts one child of this process with a clean slate.

#pragma once

#include <sys/types.h>

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "lifecycle/src/base/unique_fd.h"
#include "lifecycle/src/spawn/exec_limit.h"

namespace zlayer::sidecar {

struct ChildRequest {
  std::string path;
  std::vector<std::string> argv;         // with the program's name
  std::vector<std::string> environment;  // NAME=value
  /// The child's descriptor n is a copy of descriptors[n]; every other is closed. At least 3.
  std::vector<int> descriptors;
  /// A session of its own; else a process group of its own.
  bool own_session = false;
  /// Sent to the child when the calling thread ends, 0: none. Best effort: see StartChild.
  int parent_death_signal = 0;
  /// CLONE_NEW* flags.
  unsigned long namespaces = 0;
  /// Of the wait for the exec, null: none. Best effort: see StartChild.
  ExecLimit* limit = nullptr;
  /// What the child starts before it becomes its program: see ExecPlan::ward. Best effort, too.
  const ChildRequest* ward = nullptr;
  /// Which of `argv` becomes the ward's pid, and the last of them. As they are given, the child
  /// knows that it has no ward, and what it would be.
  size_t ward_argument = 0;
};

/// Not reaped yet, so its pid, which is also its process group's id, stays its own.
struct ChildProcess {
  pid_t pid;
  UniqueFd pidfd;
};

struct StartFailure {
  /// The errno value of the step that failed, execve(2) for the most part.
  int error = 0;
  ExecLimit::Outcome outcome = ExecLimit::Outcome::through;
  /// Both are the ward's.
  bool of_ward = false;
  /// There never was a child.
  bool no_child = false;
};

/// No signal is blocked and every disposition is at its default, whatever this process has. By
/// CloneExec; where the system does not allow that, by posix_spawn(3), which has no
/// parent_death_signal, no limit and no ward.
tl::expected<ChildProcess, StartFailure> StartChild(const ChildRequest& request);

}  // namespace zlayer::sidecar
