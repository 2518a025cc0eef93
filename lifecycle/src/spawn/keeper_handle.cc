#include "lifecycle/src/spawn/keeper_handle.h"

#include <signal.h>
#include <sys/wait.h>

#include <cerrno>

namespace zlayer::sidecar {
namespace {

/// How long Finish waits for the end of a sidecar that was killed because its keeper was. The
/// kernel needs microseconds, unless a file system that does not answer holds the sidecar.
constexpr std::chrono::milliseconds kKilledSidecarEnds{100};

}  // namespace

KeeperHandle::~KeeperHandle() {
  if (!finished_ && link_) link_.End();
}

void KeeperHandle::SignalGroup(int signal) {
  if (!link_.Order(signal) && signal == SIGKILL) kill_lost_ = true;
}

void KeeperHandle::Insist() {
  if (kill_lost_ || link_.HasUnreadOrders() || ++insistences_ >= kMostInsistences) {
    link_.Kill();
  } else {
    link_.Wake();
  }
}

/// Asks by waitid(2), because poll(2) on the number of a pidfd that the host has closed can say
/// anything. ECHILD: the keeper has ended, and another part of this process has reaped it.
bool KeeperHandle::Ended() {
  siginfo_t info{};
  const int looked = WaitForChild(link_.keeper(), &info, WEXITED | WNOHANG | WNOWAIT);
  return looked == 0 ? info.si_pid != 0 : errno == ECHILD;
}

/// The keeper has ended; its last message says how the sidecar ended. A keeper that was killed has
/// sent none: then the status stays unknown.
ExitStatus KeeperHandle::Finish() {
  finished_ = true;
  ExitStatus status;
  FromKeeper report{};
  if (link_.TakeReport(&report) && report.kind == FromKeeper::ended) {
    (report.how == CLD_EXITED ? status.code : status.signal) = report.value;
    link_.Reap();
    return status;
  }
  link_.KillSidecar();
  link_.ReapSidecar(kKilledSidecarEnds);
  status.keeper_signal = link_.Reap();
  return status;
}

}  // namespace zlayer::sidecar
