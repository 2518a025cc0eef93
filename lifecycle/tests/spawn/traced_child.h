// Runs a function in a child process that is killed at a chosen system call, by ptrace(2).

#pragma once

#include <functional>

namespace zlayer::sidecar {

enum class ChildEnd {
  killed,    // at the chosen system call, whose work was done
  finished,  // `work` returned true and made fewer system calls
  failed     // `work` returned false, or something else ended the child
};

/// Runs `work` in a child and kills the child by SIGKILL as its `nth` system call (from 1) returns.
/// The child leaves by _exit, so no destructor and no leak check runs in it.
ChildEnd KillAtSystemCall(int nth, const std::function<bool()>& work);

}  // namespace zlayer::sidecar
