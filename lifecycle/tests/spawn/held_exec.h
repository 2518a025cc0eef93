// Makes the execve(2) of a file hang, as on a file system that does not answer.

#pragma once

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>

#include <cerrno>
#include <string>

#include "lifecycle/src/base/unique_fd.h"

namespace zlayer::sidecar {

/// While this object exists, execve(2) of the file waits. This process has a write lease on the
/// file (fcntl(2), F_SETLEASE). The kernel asks us by a signal to give the lease up, and lets
/// execve(2) wait for it, 45 s at most (/proc/sys/fs/lease-break-time). SIGKILL ends a process that
/// waits so. The file must belong to our user, and nobody else may have it open. No privilege is
/// needed.
///
/// The constructor blocks the signal. A thread that calls AwaitExec must inherit that: make it
/// after this object, from the same thread.
class HeldExec {
 public:
  explicit HeldExec(const std::string& path) : lease_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, kLeaseBreak);
    ::pthread_sigmask(SIG_BLOCK, &signals, &before_);
    lease_break_.reset(::signalfd(-1, &signals, SFD_CLOEXEC));
    if (::fcntl(lease_.get(), F_SETSIG, kLeaseBreak) != 0 ||
        ::fcntl(lease_.get(), F_SETLEASE, F_WRLCK) != 0) {
      error_ = errno;
    }
  }
  ~HeldExec() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  HeldExec(const HeldExec&) = delete;
  HeldExec& operator=(const HeldExec&) = delete;

  /// 0: an exec of the file will wait. Otherwise the errno value that says why it will not.
  int error() const { return error_; }

  /// Gives the lease up: the exec goes on, as when the file system answers again.
  void Release() { lease_.reset(); }

  /// Blocks until an exec of the file waits. False: none came within 20 s.
  bool AwaitExec() const {
    pollfd lease_break{lease_break_.get(), POLLIN, 0};
    return ::poll(&lease_break, 1, 20'000) == 1;
  }

 private:
  // The default action of SIGURG is to be ignored, so it harms no thread that does not block it.
  static constexpr int kLeaseBreak = SIGURG;

  UniqueFd lease_;
  UniqueFd lease_break_;
  sigset_t before_;
  int error_ = 0;
};

}  // namespace zlayer::sidecar
