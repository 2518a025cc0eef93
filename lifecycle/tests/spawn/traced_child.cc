#include "lifecycle/tests/spawn/traced_child.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

namespace zlayer::sidecar {
namespace {

constexpr int kSystemCallStop = SIGTRAP | 0x80;  // with PTRACE_O_TRACESYSGOOD

[[noreturn]] void RunChild(const std::function<bool()>& work) {
  ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  ::raise(SIGSTOP);
  ::_exit(work() ? 0 : 1);
}

/// Lets the child run to its next stop. False: it has ended, and `status` says how.
bool Resume(pid_t child, int signal, int* status) {
  ::ptrace(PTRACE_SYSCALL, child, nullptr, signal);
  return ::waitpid(child, status, 0) == child && WIFSTOPPED(*status);
}

}  // namespace

ChildEnd KillAtSystemCall(int nth, const std::function<bool()>& work) {
  const pid_t child = ::fork();
  if (child == 0) RunChild(work);
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFSTOPPED(status)) {
    return ChildEnd::failed;
  }
  ::ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  int signal = 0;
  int stops = 0;  // each system call stops twice: when it is entered and when it is left
  while (Resume(child, signal, &status)) {
    const bool system_call = WSTOPSIG(status) == kSystemCallStop;
    signal = system_call ? 0 : WSTOPSIG(status);
    if (!system_call || ++stops != 2 * nth) continue;
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
    return ChildEnd::killed;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? ChildEnd::finished : ChildEnd::failed;
}

}  // namespace zlayer::sidecar
