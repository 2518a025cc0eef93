// Waiting for a descriptor during a start, which a cancel, the process's end or the deadline may
// cut short.

#pragma once

#include <functional>
#include <stop_token>

#include "lifecycle/src/base/deadline.h"
#include "lifecycle/src/base/unique_fd.h"

namespace zlayer::sidecar {

enum class Waited { ready, timeout, cancelled, process_ended };

/// One for each start. Not synchronised, but for the stop token.
class StartWait {
 public:
  /// `pidfd`: of the process whose end cuts waits short, -1: none. It is borrowed.
  StartWait(std::stop_token stop, int pidfd);

  /// Until `fd` is ready for `events` (POLLIN, POLLOUT). `fd` -1: until something cuts the wait
  /// short.
  Waited For(int fd, short events, Deadline deadline);

  const std::stop_token& stop() const { return stop_; }

 private:
  std::stop_token stop_;
  int pidfd_;
  UniqueFd cancelled_;  // an eventfd: readable once `stop` is triggered
  std::stop_callback<std::function<void()>> on_stop_;
};

}  // namespace zlayer::sidecar
