// An executable whose exec does not come to an end, as on a file system that is gone.

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

/// While it lives, execve(2) of the file waits: we have a lease on it (fcntl(2), F_SETLEASE), and
/// do not give it up, though the kernel asks. It waits for 45 s (/proc/sys/fs/lease-break-time) and
/// takes a SIGKILL. The file must be ours, and nobody else may have it open.
///
/// Threads that are to wait for one that is held must be made after it, by the same thread.
class HeldExec {
 public:
  explicit HeldExec(const std::string& path) : lease_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    sigset_t asked;
    sigemptyset(&asked);
    sigaddset(&asked, kAsked);
    ::pthread_sigmask(SIG_BLOCK, &asked, &before_);
    asked_.reset(::signalfd(-1, &asked, SFD_CLOEXEC));
    if (::fcntl(lease_.get(), F_SETSIG, kAsked) != 0 ||
        ::fcntl(lease_.get(), F_SETLEASE, F_WRLCK) != 0) {
      error_ = errno;
    }
  }
  ~HeldExec() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  HeldExec(const HeldExec&) = delete;
  HeldExec& operator=(const HeldExec&) = delete;

  /// The errno value that says why nobody is held; 0: somebody would be.
  int error() const { return error_; }

  /// The file system is back.
  void Release() { lease_.reset(); }

  /// False when nobody came to be held.
  bool AwaitOne() const {
    pollfd asked{asked_.get(), POLLIN, 0};
    return ::poll(&asked, 1, 20'000) == 1;
  }

 private:
  static constexpr int kAsked = SIGURG;  // ignored by default, where it is not awaited

  UniqueFd lease_;
  UniqueFd asked_;
  sigset_t before_;
  int error_ = 0;
};

}  // namespace zlayer::sidecar
