// Blocks the thread of a start until a descriptor is ready, the start is cancelled, a process ends
// or the deadline passes.

#pragma once

#include <functional>
#include <stop_token>

#include "lifecycle/src/base/deadline.h"
#include "lifecycle/src/base/unique_fd.h"

namespace zlayer::sidecar {

/// Why a wait ended.
enum class Waited { ready, timeout, cancelled, process_ended };

/// Used by one thread; only the stop token may be triggered from another. Where no eventfd can be
/// had, or poll(2) fails, a wait looks every 20 ms instead: it hears everything, only later.
class StartWait {
 public:
  /// `pidfd` (borrowed): the process whose end ends each wait; -1 if there is none, as for a remote
  /// sidecar.
  StartWait(std::stop_token stop, int pidfd);

  /// Blocks until `fd` is ready for `events` (POLLIN, POLLOUT), or one of the others comes first.
  /// With `fd` -1 it is a pause that a cancel and the process's end can interrupt.
  Waited For(int fd, short events, Deadline deadline);

  const std::stop_token& stop() const { return stop_; }

 private:
  void Pause(Deadline deadline) const;

  std::stop_token stop_;
  int pidfd_;
  UniqueFd cancelled_;  // an eventfd: readable once `stop` is triggered
  bool deaf_;           // there is no such eventfd
  std::stop_callback<std::function<void()>> on_stop_;
};

}  // namespace zlayer::sidecar
