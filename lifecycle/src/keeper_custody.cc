#include "keeper_custody.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cerrno>

#include "keeper_protocol.h"

namespace zlayer::sidecar {

void KeeperCustody::SignalGroup(int signal) {
  const ToKeeper order{ToKeeper::signal, signal};
  // It fails only when the keeper is gone, and everything with it.
  ::send(control_.get(), &order, sizeof order, MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool KeeperCustody::Ended() {
  pollfd keeper{keeper_.pidfd.get(), POLLIN, 0};
  return ::poll(&keeper, 1, 0) > 0;
}

ExitStatus KeeperCustody::Finish() {
  ExitStatus status;
  FromKeeper report{};
  ssize_t got = ::recv(control_.get(), &report, sizeof report, MSG_DONTWAIT);
  // An order that the keeper had no time to read comes back as this error, once, before its report.
  if (got < 0 && errno == ECONNRESET) {
    got = ::recv(control_.get(), &report, sizeof report, MSG_DONTWAIT);
  }
  if (got == sizeof report && report.kind == FromKeeper::ended) {
    (report.how == CLD_EXITED ? status.code : status.signal) = report.value;
  }
  ::waitid(P_PIDFD, static_cast<id_t>(keeper_.pidfd.get()), nullptr, WEXITED);
  return status;
}

}  // namespace zlayer::sidecar
