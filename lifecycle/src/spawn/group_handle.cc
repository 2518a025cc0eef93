#include "lifecycle/src/spawn/group_handle.h"

#include <signal.h>
#include <sys/wait.h>

#include <cerrno>

namespace zlayer::sidecar {

/// The leader is not reaped yet: living or a zombie, it pins the group's id. Once somebody else has
/// reaped it, the id may be a stranger's.
void GroupHandle::SignalGroup(int signal) {
  Ended();
  if (!reaped_elsewhere_) ::kill(-leader_.pid, signal);
}

/// A look that does not reap. A host that ignores SIGCHLD, or reaps every child, leaves no zombie
/// to look at.
bool GroupHandle::Ended() {
  siginfo_t info{};
  const auto id = static_cast<id_t>(leader_.pidfd.get());
  const bool looked = ::waitid(P_PIDFD, id, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
  reaped_elsewhere_ = !looked && errno == ECHILD;
  return reaped_elsewhere_ || info.si_pid != 0;
}

ExitStatus GroupHandle::Finish() {
  SignalGroup(SIGKILL);
  ExitStatus status;
  siginfo_t info{};
  if (::waitid(P_PIDFD, static_cast<id_t>(leader_.pidfd.get()), &info, WEXITED) != 0) return status;
  (info.si_code == CLD_EXITED ? status.code : status.signal) = info.si_status;
  return status;
}

}  // namespace zlayer::sidecar
