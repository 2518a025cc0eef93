// A child that runs another program, made without copying this process's memory.
//
// At 4 GiB resident, fork(2) takes 140 ms to copy the page tables; this takes as long as the exec.
// Both the library and the keeper use it: nothing here allocates, throws, or needs more than the
// system call interface.

#pragma once

#include <sys/types.h>

#include <cstddef>

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
  /// Ask for Cloned::pidfd.
  bool want_pidfd = true;
  /// Sent to the child when the calling thread ends, 0: none. The thread must outlive the child.
  int parent_death_signal = 0;
  /// CLONE_NEW* flags. With CLONE_NEWUSER the caller's user and group keep their numbers.
  unsigned long namespaces = 0;
};

struct Cloned {
  pid_t pid = -1;
  int pidfd = -1;  // close-on-exec; -1 when it was not wanted
  /// errno of what failed; 0: the child runs its program. With pid -1 there never was a child; else
  /// the child failed before or in execve(2) and is reaped.
  int error = 0;
};

/// clone(2) with CLONE_VM, CLONE_VFORK and CLONE_PIDFD (Linux 5.2), then: no signal blocked, every
/// disposition at its default, descriptors as planned. Returns once the program runs or has failed
/// to.
Cloned CloneExec(const ExecPlan& plan);

}  // namespace zlayer::sidecar
