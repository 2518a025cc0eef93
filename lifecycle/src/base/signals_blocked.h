// Keeps the host's signal handlers off our threads.

#pragma once

#include <pthread.h>
#include <signal.h>

namespace zlayer::sidecar {

/// Blocks all signals of the calling thread until the end of the scope. A new thread inherits the
/// mask of its creator: a thread created in this scope never runs a signal handler of the host.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace zlayer::sidecar
