// Tells when every process of a tree has ended, also those that left their session or parent.

#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <chrono>
#include <string>

#include "lifecycle/src/base/unique_fd.h"
#include "lifecycle/tests/base/temporary_directory.h"

namespace zlayer::sidecar {

/// A FIFO that the processes of the tree inherit open for writing (`exec 9>FIFO` in a shell). The
/// reading end reports POLLHUP when the last of them has ended. No process id is needed, so it does
/// not matter to which session, parent or PID namespace the processes have moved.
class Witness {
 public:
  Witness() : path_(directory_.path() + "/witness") {
    ::mkfifo(path_.c_str(), 0600);
    fifo_.reset(::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  }

  const std::string& path() const { return path_; }

  /// Waits until there has been a writer and none is left. Returns false after `limit`.
  bool AllGoneWithin(std::chrono::milliseconds limit) const {
    pollfd hung_up{fifo_.get(), 0, 0};
    return ::poll(&hung_up, 1, static_cast<int>(limit.count())) == 1 &&
           (hung_up.revents & POLLHUP) != 0;
  }

 private:
  TemporaryDirectory directory_;
  std::string path_;
  UniqueFd fifo_;
};

}  // namespace zlayer::sidecar
