#include "lifecycle/keeper/report.h"

#include <sys/socket.h>

#include "lifecycle/keeper/system_call.h"

namespace zlayer::sidecar {

void Report(FromKeeper::Kind kind, int value, int how) {
  const FromKeeper report{kind, value, how};
  SystemCall(SYS_sendto, kKeeperControl, &report, sizeof report, MSG_NOSIGNAL | MSG_DONTWAIT,
             nullptr, 0);
}

void ReportStarted(pid_t program) {
  FromKeeper report{FromKeeper::started, program, 0};
  const int pidfd = static_cast<int>(SystemCall(SYS_pidfd_open, program, 0));
  if (pidfd < 0) return Report(FromKeeper::started, program, 0);
  alignas(cmsghdr) char room[CMSG_SPACE(sizeof pidfd)];
  auto* const passed = reinterpret_cast<cmsghdr*>(room);
  passed->cmsg_len = CMSG_LEN(sizeof pidfd);
  passed->cmsg_level = SOL_SOCKET;
  passed->cmsg_type = SCM_RIGHTS;
  *reinterpret_cast<int*>(CMSG_DATA(passed)) = pidfd;
  iovec bytes{&report, sizeof report};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = room;
  message.msg_controllen = sizeof room;
  const long sent = SystemCall(SYS_sendmsg, kKeeperControl, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  SystemCall(SYS_close, pidfd);
  if (sent < 0) Report(FromKeeper::started, program, 0);
}

}  // namespace zlayer::sidecar
