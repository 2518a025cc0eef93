#include "lifecycle/keeper/descendants.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include <cerrno>

#include "lifecycle/keeper/system_call.h"

namespace zlayer::sidecar {
namespace {

/// Reads the pids of our children from /proc. The file may be of any length, so it is read in
/// pieces.
class ChildrenFile {
 public:
  ChildrenFile()
      : fd_(SystemCall(SYS_openat, AT_FDCWD, "/proc/thread-self/children", O_RDONLY | O_CLOEXEC)) {}
  ~ChildrenFile() {
    if (fd_ >= 0) SystemCall(SYS_close, fd_);
  }
  ChildrenFile(const ChildrenFile&) = delete;
  ChildrenFile& operator=(const ChildrenFile&) = delete;

  /// The next pid; 0 after the last.
  pid_t Next() {
    pid_t number = 0;
    for (char c = Get(); c != '\0'; c = Get()) {
      if (c >= '0' && c <= '9') {
        number = number * 10 + (c - '0');
      } else if (number != 0) {
        return number;
      }
    }
    return number;
  }

 private:
  char Get() {
    if (at_ == size_) {
      size_ = fd_ < 0 ? 0 : SystemCall(SYS_read, fd_, buffer_, sizeof buffer_);
      at_ = 0;
      if (size_ <= 0) {
        size_ = 0;
        return '\0';
      }
    }
    return buffer_[at_++];
  }

  const long fd_;
  long at_ = 0;
  long size_ = 0;
  char buffer_[4096];
};

/// Returns how many children got the signal.
int KillChildren() {
  // We are the init of a PID namespace: one call kills every other process in it.
  if (SystemCall(SYS_getpid) == 1) return SystemCall(SYS_kill, -1, SIGKILL) == 0 ? 1 : 0;
  int killed = 0;
  ChildrenFile children;
  // Nobody but us reaps these children, so no pid in the list can be another process's by now.
  for (pid_t child = children.Next(); child != 0; child = children.Next()) {
    if (SystemCall(SYS_kill, child, SIGKILL) == 0) ++killed;
  }
  return killed;
}

/// Reaps children. With WNOHANG: all that have ended; without: waits for one. False: no child is
/// left.
bool Reap(int flags) {
  siginfo_t info;
  long result;
  do {
    info.si_pid = 0;
    result = SystemCall(SYS_waitid, P_ALL, 0, &info, WEXITED | flags, nullptr);
  } while (result == -EINTR || (result == 0 && (flags & WNOHANG) && info.si_pid));
  return result == 0;
}

}  // namespace

void EndDescendants() {
  while (Reap(WNOHANG)) {
    if (KillChildren() == 0) return;
    if (!Reap(0)) return;  // does not hang: at least one child was killed
  }
}

}  // namespace zlayer::sidecar
