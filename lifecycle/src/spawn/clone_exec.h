// A child that runs another program, made without copying this process's memory.
//
// At 4 GiB resident, fork(2) takes 140 ms to copy the page tables; this takes as long as the exec.
// The child itself uses it, too: nothing here allocates, throws, or needs more than the system call
// interface.

#pragma once

#include <sys/types.h>

#include <cstddef>

#include "lifecycle/src/spawn/exec_limit.h"

namespace zlayer::sidecar {

/// Everything the child needs, prepared before: it shares the caller's memory until its exec.
struct ExecPlan {
  static constexpr size_t kMostDescriptors = 8;

  const char* path = nullptr;
  char* const* argv = nullptr;
  char* const* envp = nullptr;
  /// The child's descriptor n is a copy of descriptors[n]; every other is closed.
  int descriptors[kMostDescriptors] = {};
  size_t descriptor_count = 0;
  /// A session of its own; else a process group of its own.
  bool own_session = false;
  /// Sent to the child when the calling thread ends, 0: none. The thread must outlive the child.
  int parent_death_signal = 0;
  /// CLONE_NEW* flags. With CLONE_NEWUSER the caller's user and group keep their numbers.
  unsigned long namespaces = 0;
  /// Null: the exec takes as long as it takes.
  ExecLimit* limit = nullptr;

  /// What the child starts as a child of its own, before its own exec; it is the subreaper of all
  /// that the ward starts. The ward's descriptors are numbered as in the child. Null: nothing.
  /// Every signal stays blocked in the child, whose program can take those that came meanwhile.
  const ExecPlan* ward = nullptr;
  /// Gets the ward's pid in decimals: the room of one of `argv`, of kPidRoom bytes.
  char* ward_pid = nullptr;
  static constexpr size_t kPidRoom = 12;
};

struct Cloned {
  pid_t pid = -1;
  int pidfd = -1;  // close-on-exec; -1 after an error
  /// errno of what failed; 0: the child runs its program. With pid -1 there never was a child; else
  /// the child failed before or in execve(2), or did not get through it in time, and is gone, but
  /// for one in a system call that even SIGKILL does not end.
  int error = 0;
  ExecLimit::Outcome outcome = ExecLimit::Outcome::through;
  /// `error` and `outcome` are the ward's.
  bool of_ward = false;
};

/// clone(2) with CLONE_VM and CLONE_PIDFD (Linux 5.2), then: no signal blocked, every disposition
/// at its default, descriptors as planned. Returns once the program runs or has failed to.
Cloned CloneExec(const ExecPlan& plan);

}  // namespace zlayer::sidecar
