#include "lifecycle/src/spawn/group_handle.h"

#include <signal.h>
#include <sys/wait.h>

#include <cerrno>

namespace zlayer::sidecar {

GroupHandle::~GroupHandle() {
  if (finished_) return;
  SignalGroup(SIGKILL);
  if (EndsWithin(pidfd(), kKilledEnds)) Finish();
}

/// While the leader is not reaped, alive or a zombie, the kernel does not give the group's id to
/// anybody else. After another part of this process has reaped the leader, it may have done so.
void GroupHandle::SignalGroup(int signal) {
  Ended();
  if (!reaped_elsewhere_) ::kill(-leader_.pid, signal);
}

/// Looks without reaping (WNOWAIT). In a host that ignores SIGCHLD, or that reaps every child,
/// there is no zombie, and waitid(2) says ECHILD.
bool GroupHandle::Ended() {
  siginfo_t info{};
  const bool looked = WaitForChild(leader_, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
  reaped_elsewhere_ = !looked && errno == ECHILD;
  return reaped_elsewhere_ || info.si_pid != 0;
}

ExitStatus GroupHandle::Finish() {
  finished_ = true;
  SignalGroup(SIGKILL);
  ExitStatus status;
  siginfo_t info{};
  if (WaitForChild(leader_, &info, WEXITED) != 0) return status;
  (info.si_code == CLD_EXITED ? status.code : status.signal) = info.si_status;
  return status;
}

}  // namespace zlayer::sidecar
