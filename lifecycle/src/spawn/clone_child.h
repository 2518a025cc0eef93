// The part of CloneExec that runs in the child.

#pragma once

#include <sys/types.h>

#include "lifecycle/src/spawn/clone_exec.h"

// The child runs on its parent's memory, behind the back of a sanitizer's bookkeeping.
#define ZLAYER_UNOBSERVED __attribute__((no_sanitize("address", "thread", "undefined")))

namespace zlayer::sidecar {

inline constexpr size_t kSignalSetSize = 8;  // bytes of the kernel's sigset_t

struct Child {
  const ExecPlan* plan;
  pid_t parent;
  uid_t uid;
  gid_t gid;
  int error;  // errno; 0: none yet
  Cloned ward;
};

/// `argument`: a Child. Every signal is blocked.
int RunChild(void* argument);

}  // namespace zlayer::sidecar
