// Starts one child of this process that inherits nothing but what the request names.

#pragma once

#include <signal.h>
#include <sys/types.h>

#include <chrono>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "lifecycle/src/base/unique_fd.h"
#include "lifecycle/src/spawn/exec_limit.h"

namespace zlayer::sidecar {

struct ChildRequest {
  std::string path;
  std::vector<std::string> argv;         // argv[0] is the program's name
  std::vector<std::string> environment;  // NAME=value
  /// The child's descriptor n is a copy of descriptors[n]; every other one is closed. From 3 to
  /// ExecPlan::kMostDescriptors.
  std::vector<int> descriptors;
  /// True: the child leads a new session. False: it leads a new process group.
  bool own_session = false;
  /// The kernel sends it to the child when the calling thread ends; 0: none. Lost where posix_spawn
  /// stands in: see StartChild.
  int parent_death_signal = 0;
  /// CLONE_NEW* flags.
  unsigned long namespaces = 0;
  /// Bounds the wait for the exec; null: no limit. Borrowed. Lost where posix_spawn stands in.
  ExecLimit* limit = nullptr;
  /// The child, which becomes the keeper, starts this sidecar before its own exec: see
  /// ExecPlan::sidecar. Null: no sidecar. Borrowed. Lost where posix_spawn stands in.
  const ChildRequest* sidecar = nullptr;
  /// Index in `argv`. If the child has started the sidecar, this argument becomes the sidecar's
  /// pid, and the arguments after it are dropped. Where posix_spawn stands in, `argv` stays as it
  /// is: it then tells the keeper that there is no sidecar yet, and which program to start.
  size_t sidecar_pid_argument = 0;
};

/// A child that is not reaped yet. Until it is, the kernel gives its pid, which is also the id of
/// its process group, to no other process.
struct ChildProcess {
  pid_t pid;
  UniqueFd pidfd;
};

struct StartFailure {
  /// The errno value of the step that failed, execve(2) for the most part.
  int error = 0;
  ExecLimit::Outcome outcome = ExecLimit::Outcome::finished;
  /// True: `error` and `outcome` are those of the sidecar's start. False: of the child's own.
  bool of_sidecar = false;
  enum class Step {
    exec,      // execve(2), or a step before it that every start has
    clone,     // clone(2) itself: there never was a child
    user_map,  // the map of user and group in a new user namespace
  };
  Step step = Step::exec;
};

/// Returns when the child has executed its program, or has failed and is reaped. In the child no
/// signal is blocked (except in a keeper: see ExecPlan::sidecar) and every disposition is at its
/// default, whatever this process has.
///
/// Uses CloneExec. Where the kernel or a filter of system calls refuses that, uses posix_spawn(3),
/// which has no parent_death_signal, no limit and no sidecar. `namespaces` need CloneExec.
tl::expected<ChildProcess, StartFailure> StartChild(const ChildRequest& request);

/// How long a process that was killed may take to end. It needs well under a millisecond, unless a
/// file system that does not answer holds it. Then leave it: it ends when the system call returns.
constexpr std::chrono::milliseconds kKilledEnds{1'000};

/// Waits for the end of the process, without reaping it. Returns false after `limit`.
bool EndsWithin(int pidfd, std::chrono::milliseconds limit);

/// waitid(2) on `child`, by its pidfd, or by its pid if the host has closed our descriptors.
/// `info` may be null. Never returns EINTR.
int WaitForChild(const ChildProcess& child, siginfo_t* info, int options);

}  // namespace zlayer::sidecar
