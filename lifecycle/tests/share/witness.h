// Tells when every process of a tree has ended, wherever it has gone.

#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <chrono>
#include <string>

#include "lifecycle/src/base/unique_fd.h"
#include "lifecycle/tests/base/temporary_directory.h"

namespace zlayer::sidecar {

/// A FIFO that the tree's processes hold open for writing: `exec 9>FIFO` in a shell. It hangs up
/// when the last of them has ended, whatever session, parent or PID namespace it had.
class Witness {
 public:
  Witness() : path_(directory_.path() + "/witness") {
    ::mkfifo(path_.c_str(), 0600);
    fifo_.reset(::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  }

  const std::string& path() const { return path_; }

  /// True when there was a writer, and there is none any more.
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
