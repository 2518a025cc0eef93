// An executable whose exec does not come to an end, as on a file system that is gone.

#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/fanotify.h>

#include <string>

#include "unique_fd.h"

namespace zlayer::sidecar {

/// While it lives, execve(2) of the file waits for an answer that does not come.
class HeldExec {
 public:
  explicit HeldExec(const std::string& path)
      : answers_(::fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY | O_CLOEXEC)) {
    held_ = answers_ && ::fanotify_mark(answers_.get(), FAN_MARK_ADD, FAN_OPEN_EXEC_PERM, AT_FDCWD,
                                        path.c_str()) == 0;
  }

  /// False without CAP_SYS_ADMIN, or where the kernel was built without such answers.
  bool held() const { return held_; }

  /// The file system is back.
  void Release() { answers_.reset(); }

  /// False when nobody came to be held.
  bool AwaitOne() const {
    pollfd question{answers_.get(), POLLIN, 0};
    return ::poll(&question, 1, 20'000) == 1;
  }

 private:
  UniqueFd answers_;
  bool held_ = false;
};

}  // namespace zlayer::sidecar
