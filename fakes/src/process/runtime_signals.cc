#include "fakes/src/process/runtime_signals.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "fakes/src/base/failure.h"
#include "fakes/src/base/stdio_write.h"

namespace zlayer::fakes::daemon {
namespace {

/// Async-signal-safe. A Go program prints the stacks of its goroutines, of which the fake has none.
void Dump(int signal, siginfo_t* info, void* /*context*/) {
  if (info->si_pid == getpid()) {  // abort(3): die by it, once this function returns
    ::signal(signal, SIG_DFL);
    raise(signal);
    return;
  }
  WriteAll(STDERR_FILENO, signal == SIGQUIT ? "SIGQUIT: quit\n" : "SIGABRT: abort\n");
  WriteAll(STDERR_FILENO,
           "\ngoroutine 1 [running]:\nmain.main()\n\tfake-zlayer-buildd has no stacks\n");
  _exit(kExitBadInput);
}

}  // namespace

void InstallRuntimeSignals() {
  struct sigaction dump {};
  dump.sa_sigaction = &Dump;
  dump.sa_flags = SA_SIGINFO;
  sigfillset(&dump.sa_mask);
  for (const int signal : {SIGQUIT, SIGABRT}) sigaction(signal, &dump, nullptr);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  for (const int signal : {SIGUSR1, SIGUSR2}) sigaction(signal, &ignore, nullptr);
}

}  // namespace zlayer::fakes::daemon
