// Makes one system call of this process fail from now on.

#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstddef>

namespace zlayer::sidecar {

/// Installs a seccomp filter, for all threads, that lets `call` fail with `error`. It cannot be
/// removed: use it in a process of its own. Returns false if the filter cannot be installed.
inline bool RefuseCall(int call, int error) {
  std::array<sock_filter, 4> program{{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(error)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog filter{program.size(), program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) == 0;
}

/// The same for poll(3) and epoll_wait(3), whose system calls differ between processors.
inline bool RefusePoll(int error) {
#ifdef SYS_poll
  if (!RefuseCall(SYS_poll, error)) return false;
#endif
  return RefuseCall(SYS_ppoll, error);
}
inline bool RefuseEpollWait(int error) {
#ifdef SYS_epoll_wait
  if (!RefuseCall(SYS_epoll_wait, error)) return false;
#endif
  return RefuseCall(SYS_epoll_pwait, error);
}

}  // namespace zlayer::sidecar
