#include "lifecycle/keeper/start_program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cerrno>

#include "lifecycle/keeper/system_call.h"
#include "lifecycle/src/spawn/keeper_protocol.h"

namespace zlayer::sidecar {
namespace {

constexpr int kLastSignal = 64;
constexpr long kSignalSetSize = 8;  // bytes of the kernel's sigset_t

/// In the child. Returns only when it has failed: the errno.
int BecomeProgram(long parent, char* const* argv, char* const* environment) {
  // Large enough for the kernel's struct sigaction on any architecture; all zero means SIG_DFL.
  const unsigned long standard[8] = {};
  for (int signal = 1; signal <= kLastSignal; ++signal) {
    SystemCall(SYS_rt_sigaction, signal, standard, nullptr, kSignalSetSize);
  }
  SystemCall(SYS_setpgid, 0, 0);
  SystemCall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  // If the keeper ended before the prctl, no signal will come.
  if (SystemCall(SYS_getppid) != parent) return 0;
  const unsigned long none = 0;
  SystemCall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, kSignalSetSize);
  return static_cast<int>(-SystemCall(SYS_execve, argv[0], argv, environment));
}

/// True: the exec of `child` is through or has failed; `failure` is readable. False: the host hung
/// up or ended first, and `child` has been sent SIGKILL.
bool AwaitExec(int failure, long child) {
  // The host sends no request before "started", so a readable socket means that it has hung up.
  pollfd watched[] = {{failure, POLLIN, 0}, {kKeeperControl, POLLIN, 0}, {kKeeperHost, POLLIN, 0}};
  while (SystemCall(SYS_ppoll, watched, 3, nullptr, nullptr, 0) < 0) {
  }
  if (watched[0].revents != 0) return true;
  SystemCall(SYS_kill, child, SIGKILL);
  return false;
}

}  // namespace

/// By fork(2), the simple way: the keeper has hardly any memory to copy.
StartedProgram StartProgram(char* const* argv, char* const* environment) {
  int failure[2];  // a pipe: exec closes it, a child that fails writes its errno to it
  if (const long made = SystemCall(SYS_pipe2, failure, O_CLOEXEC); made < 0) {
    return {0, static_cast<int>(-made)};
  }
  const long parent = SystemCall(SYS_getpid);
  const long child = Fork();
  if (child == 0) {
    const int error = BecomeProgram(parent, argv, environment);
    SystemCall(SYS_write, failure[1], &error, sizeof error);
    SystemCall(SYS_exit_group, 127);
  }
  SystemCall(SYS_close, failure[1]);
  if (child < 0) return {0, static_cast<int>(-child)};
  int error = ECANCELED;
  if (AwaitExec(failure[0], child)) {
    error = 0;
    SystemCall(SYS_read, failure[0], &error, sizeof error);
  }
  SystemCall(SYS_close, failure[0]);
  if (error == 0) return {static_cast<pid_t>(child), 0};
  SystemCall(SYS_waitid, P_PID, child, nullptr, WEXITED, nullptr);
  return {0, error};
}

}  // namespace zlayer::sidecar
