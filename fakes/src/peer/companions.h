// Runs the works of a fault in the background while the daemon serves.

#pragma once

#include <thread>
#include <vector>

#include "fakes/src/base/unique_fd.h"
#include "fakes/src/peer/peer.h"

namespace zlayer::fakes::daemon {

/// One thread for each Work. Not thread-safe: one thread creates and stops it.
class Companions {
 public:
  /// Starts the threads. `works` and `start` must outlive this.
  Companions(const std::vector<Work>& works, Start& start);
  ~Companions() { Stop(); }
  Companions(const Companions&) = delete;
  Companions& operator=(const Companions&) = delete;

  /// Makes every wait of the works return Woke::stop, then joins the threads.
  void Stop();

 private:
  UniqueFd stopped_;  // eventfd: readable when the works must end
  std::vector<std::thread> threads_;
};

}  // namespace zlayer::fakes::daemon
