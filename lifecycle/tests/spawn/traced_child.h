// A child process that is killed at a chosen system call.

#pragma once

#include <functional>

namespace zlayer::sidecar {

enum class ChildEnd {
  killed,    // before the chosen system call did anything
  finished,  // there were fewer
  failed     // `work` said false, or something else ended it
};

/// Runs `work` in a child that is killed by SIGKILL as it enters its `nth` system call (from 1).
/// The child leaves by _exit: no destructor, no leak check, runs in it.
ChildEnd KillAtSystemCall(int nth, const std::function<bool()>& work);

}  // namespace zlayer::sidecar
