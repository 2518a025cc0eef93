// Faults that go on beside a daemon that serves.

#pragma once

#include <thread>
#include <vector>

#include "fakes/src/base/unique_fd.h"
#include "fakes/src/peer/peer.h"

namespace zlayer::fakes {

/// A thread for each work; none without any. Started and stopped by one thread.
class Companions {
 public:
  /// Both must outlive it.
  Companions(const std::vector<Work>& works, Start& start);
  ~Companions() { Stop(); }
  Companions(const Companions&) = delete;
  Companions& operator=(const Companions&) = delete;

  /// Ends what they wait for and joins them.
  void Stop();

 private:
  UniqueFd stopped_;  // eventfd
  std::vector<std::thread> threads_;
};

}  // namespace zlayer::fakes
