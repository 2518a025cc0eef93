#include "lifecycle/src/spawn/keeper_link.h"

#include <linux/sockios.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>

namespace zlayer::sidecar {
namespace {

/// PIDFD_SIGNAL_PROCESS_GROUP of Linux 6.9, which older headers do not have.
constexpr unsigned kProcessGroup = 1U << 2;

long SendSignal(int pidfd, int signal, unsigned flags = 0) {
  return ::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, flags);
}

/// The descriptor that came with `message`; none: an empty one.
UniqueFd Passed(msghdr* message) {
  const cmsghdr* const header = CMSG_FIRSTHDR(message);
  if (header == nullptr || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) {
    return UniqueFd();
  }
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return UniqueFd(fd);
}

}  // namespace

bool Receive(int control, FromKeeper* report, UniqueFd* passed) {
  alignas(cmsghdr) char room[CMSG_SPACE(sizeof(int))];
  iovec bytes{report, sizeof *report};
  // If the keeper ended with an order of ours unread, the socket reports ECONNRESET once. The
  // keeper's last message can be received after it.
  for (int tries = 0; tries < 2; ++tries) {
    msghdr message{};
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    message.msg_control = room;
    message.msg_controllen = sizeof room;
    const ssize_t got = ::recvmsg(control, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got < 0 && (errno == ECONNRESET || errno == EINTR)) continue;
    if (got < 0) return false;
    UniqueFd came = Passed(&message);
    if (passed != nullptr && came) *passed = std::move(came);
    return got == sizeof *report;
  }
  return false;
}

bool KeeperLink::Order(int signal) const {
  const ToKeeper order{signal};
  const ssize_t sent = ::send(control_.get(), &order, sizeof order, MSG_NOSIGNAL | MSG_DONTWAIT);
  const bool lost = sent < 0 && errno != EPIPE && errno != ECONNRESET;
  Wake();
  return !lost;
}

bool KeeperLink::HasUnreadOrders() const {
  int unread = 0;
  return ::ioctl(control_.get(), SIOCOUTQ, &unread) == 0 && unread > 0;
}

void KeeperLink::Wake() const { SendSignal(keeper_.pidfd.get(), SIGCONT); }

bool KeeperLink::TakeReport(FromKeeper* report) {
  return Receive(control_.get(), report, &sidecar_);
}

void KeeperLink::KillSidecar() const {
  if (!sidecar_) return;
  SendSignal(sidecar_.get(), SIGKILL, kProcessGroup);
  SendSignal(sidecar_.get(), SIGKILL);  // the sidecar may have left its group
}

/// The sidecar first: its zombie, which only the keeper reaps, keeps the group's id from others.
void KeeperLink::Kill() const {
  KillSidecar();
  SendSignal(keeper_.pidfd.get(), SIGKILL);
}

bool KeeperLink::EndsWithin(std::chrono::milliseconds limit) const {
  return sidecar::EndsWithin(keeper_.pidfd.get(), limit);
}

void KeeperLink::End() const {
  if (!Order(SIGKILL) || !EndsWithin(kKilledEnds)) {
    Kill();
    // A keeper that is the init of a PID namespace ends after the last process in it, and a file
    // system that does not answer can hold that process. Leave it: the kernel has killed it.
    if (!EndsWithin(kKilledEnds)) return;
    ReapSidecar(kKilledEnds);
  }
  Reap();
}

void KeeperLink::ReapSidecar(std::chrono::milliseconds limit) const {
  if (!sidecar_ || !sidecar::EndsWithin(sidecar_.get(), limit)) return;
  ::waitid(P_PIDFD, static_cast<id_t>(sidecar_.get()), nullptr, WEXITED | WNOHANG);
}

std::optional<int> KeeperLink::Reap() const {
  siginfo_t info{};
  while (WaitForChild(keeper_, &info, WEXITED) != 0) {
    if (errno != EINTR) return std::nullopt;
  }
  if (info.si_code != CLD_KILLED && info.si_code != CLD_DUMPED) return std::nullopt;
  return info.si_status;
}

}  // namespace zlayer::sidecar
