// The part of CloneExec that runs in the child, between clone(2) and execve(2).
//
// The child shares its parent's memory, and the parent's other threads run on. A library call in
// the child could wait for a lock of theirs, or change the parent's state. So the child makes
// system calls and nothing else: no allocation, no C++ runtime, no C library beyond syscall(2).

#pragma once

#include <sys/types.h>

#include "lifecycle/src/spawn/clone_exec.h"

// A sanitizer's records are in the memory that the child shares, and do not expect a second
// process.
#define ZLAYER_NO_SANITIZE __attribute__((no_sanitize("address", "thread", "undefined")))

namespace zlayer::sidecar {

inline constexpr size_t kSignalSetSize = 8;  // bytes of the kernel's sigset_t

/// What parent and child exchange through the shared memory. On the parent's stack.
struct Child {
  const ExecPlan* plan;
  pid_t parent;
  uid_t uid;
  gid_t gid;
  // Written by the child:
  int error;  // errno of the step that failed; 0: none yet
  bool user_map_failed;
  Cloned sidecar;  // if the plan has a sidecar
};

/// The function for clone(2). `argument` is a Child. The caller has blocked every signal. Never
/// returns: the child executes its program or exits.
int RunChild(void* argument);

}  // namespace zlayer::sidecar
