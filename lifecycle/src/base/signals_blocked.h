// Keeps the host's signal handlers off our threads.

#pragma once

#include <pthread.h>
#include <signal.h>

namespace zlayer::sidecar {

/// Blocks every signal for the scope: a thread made in it never runs one of the host's handlers.
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
