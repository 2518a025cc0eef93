// Keeps the host's signal handlers off our threads.

#pragma once

#include <pthread.h>
#include <signal.h>

namespace zlayer::sidecar {

/// Blocks the signals of the calling thread until the end of the scope. A new thread inherits the
/// mask of its creator: a thread created in this scope leaves the host's signals to the host's
/// threads. Two kinds of signals are meant for the thread that gets them, and so stay open:
/// - Faults (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS): the host's crash handler runs also
///   for a fault in a callback on our thread. A blocked fault would end the process without it.
/// - SIGABRT and SIGPROF, for the crash handler and a profiler; blocked only if the calling thread
///   blocks them, as in a host that takes them with sigwait(3).
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t mask;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &before_);
    sigfillset(&mask);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS}) {
      sigdelset(&mask, fault);
    }
    for (const int signal : {SIGABRT, SIGPROF}) {
      if (sigismember(&before_, signal) == 0) sigdelset(&mask, signal);
    }
    ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace zlayer::sidecar
