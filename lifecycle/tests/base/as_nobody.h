// Runs code as a user without rights, in a forked process: root's own file accesses never fail.

#pragma once

#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

namespace zlayer::sidecar {

inline constexpr uid_t kNobody = 65534;

/// Returns the result of `code`, 0 to 99; 100 if the process cannot become that user, -1 if it died
/// by a signal. Where the test does not run as root, `code` runs as the test's own user.
inline int AsNobody(const std::function<int()>& code) {
  const pid_t child = ::fork();
  if (child == 0) {
    const bool became_nobody = ::geteuid() != 0 || (::setgroups(0, nullptr) == 0 &&
                                                    ::setresgid(kNobody, kNobody, kNobody) == 0 &&
                                                    ::setresuid(kNobody, kNobody, kNobody) == 0);
    ::_exit(became_nobody ? code() : 100);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// Whom AsNobody runs as.
inline uid_t UidOfNobody() { return ::geteuid() == 0 ? kNobody : ::geteuid(); }

}  // namespace zlayer::sidecar
