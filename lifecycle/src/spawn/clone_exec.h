// Starts a child that executes another program, without copying this process's memory.
//
// Why clone(2) with CLONE_VM: fork(2) copies the page tables, which takes 140 ms at 4 GiB resident.
// The child here shares the memory instead, so a start takes as long with 4 GiB as with 1 MiB (goal
// large-host of bench_scale: 8.18 ms and 8.16 ms, bench/README.md). The simple way is
// posix_spawn(3), which is as fast and which child_process.cc falls back to. It lacks a pidfd that
// is made with the child, a parent-death signal, the limit of an exec, and the sidecar that is
// started before its keeper; and it leaves the C library's own two signals ignored.
//
// The child that becomes a keeper calls CloneExec, too, for the sidecar. So nothing in here
// allocates, throws, or needs more than system calls.

#pragma once

#include <sys/types.h>

#include <cstddef>

#include "lifecycle/src/spawn/exec_limit.h"

namespace zlayer::sidecar {

/// All that the child needs. The caller prepares it before the clone and keeps it unchanged: the
/// child reads it in the shared memory until its exec.
struct ExecPlan {
  static constexpr size_t kMostDescriptors = 8;

  const char* path = nullptr;
  char* const* argv = nullptr;
  char* const* envp = nullptr;
  /// The child's descriptor n is a copy of descriptors[n]; every other one is closed.
  int descriptors[kMostDescriptors] = {};
  size_t descriptor_count = 0;
  /// True: the child leads a new session. False: it leads a new process group.
  bool own_session = false;
  /// The kernel sends it to the child when the calling thread ends; 0: none. So call from a thread
  /// that outlives the child.
  int parent_death_signal = 0;
  /// CLONE_NEW* flags. With CLONE_NEWUSER the caller's user and group keep their numbers.
  unsigned long namespaces = 0;
  /// Null: the wait for the exec has no limit, and a cancel does not end it.
  ExecLimit* limit = nullptr;

  /// If set, the child is the future keeper: it starts this sidecar as its own child, before its
  /// own exec, and is the subreaper of all that the sidecar starts. The sidecar's `descriptors` are
  /// numbers in the child, after the child has placed its own. Every signal stays blocked in the
  /// child, so that signals which come meanwhile wait for the keeper. Null: no sidecar.
  const ExecPlan* sidecar = nullptr;
  /// One of the strings of `argv`, kPidRoom bytes long. The child writes the sidecar's pid to it,
  /// in decimals.
  char* sidecar_pid = nullptr;
  static constexpr size_t kPidRoom = 12;
};

struct Cloned {
  pid_t pid = -1;
  int pidfd = -1;  // close-on-exec; -1 after an error
  /// errno of the step that failed; 0: the child runs its program. After an error with pid -1 there
  /// never was a child. After an error with another pid, the child failed before or in execve(2),
  /// or the limit ended its exec, and the child is reaped. The exception is a child in a system
  /// call that SIGKILL does not interrupt: it is left as it is.
  int error = 0;
  ExecLimit::Outcome outcome = ExecLimit::Outcome::finished;
  /// True: `error` and `outcome` are those of the sidecar's start. False: of the child's own.
  bool of_sidecar = false;
  /// True: `error` came from the map of user and group in a new user namespace
  /// (/proc/self/uid_map).
  bool of_user_map = false;
};

/// clone(2) with CLONE_VM and CLONE_PIDFD, which needs Linux 5.2. The child's program starts with
/// no signal blocked, every disposition at its default, and the descriptors of the plan. Blocks
/// until the program runs or its start has failed. Any thread.
Cloned CloneExec(const ExecPlan& plan);

}  // namespace zlayer::sidecar
