#include "lifecycle/src/spawn/keeper_handle.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cerrno>

#include "lifecycle/src/spawn/keeper_protocol.h"

namespace zlayer::sidecar {

void KeeperHandle::SignalGroup(int signal) {
  const ToKeeper order{signal};
  // A failure needs no handling: the keeper has ended, and the sidecar with it.
  ::send(control_.get(), &order, sizeof order, MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool KeeperHandle::Ended() {
  pollfd keeper{keeper_.pidfd.get(), POLLIN, 0};
  return ::poll(&keeper, 1, 0) > 0;
}

/// The keeper has ended; its last message says how the sidecar ended. A keeper that was killed has
/// sent none: then the status stays unknown.
ExitStatus KeeperHandle::Finish() {
  ExitStatus status;
  FromKeeper report{};
  if (Receive(control_.get(), &report) && report.kind == FromKeeper::ended) {
    (report.how == CLD_EXITED ? status.code : status.signal) = report.value;
  }
  ::waitid(P_PIDFD, static_cast<id_t>(keeper_.pidfd.get()), nullptr, WEXITED);
  return status;
}

}  // namespace zlayer::sidecar
