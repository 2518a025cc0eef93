// Runs a host program in a process of its own, because what it does (forks, limits, descriptors
// closed) would harm the test.

#pragma once

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

#include "lifecycle/src/base/unique_fd.h"

namespace zlayer::sidecar {

/// What RunHost returns for a host that does not end.
inline constexpr int kHung = 1000;

/// Runs `host` in a forked child and returns its result. 128 + n if the child died by signal n. A
/// child that does not end within the limit is killed: kHung. The calling process must not have
/// used the library yet, because its forks could not use it then.
inline int RunHost(const std::function<int()>& host, int limit_ms = 40'000) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(host());
  const UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  pollfd ended{pidfd.get(), POLLIN, 0};
  const bool hung = ::poll(&ended, 1, limit_ms) != 1;
  if (hung) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (hung) return kHung;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace zlayer::sidecar
