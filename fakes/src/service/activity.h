// When the daemon was last of use.

#pragma once

#include <atomic>
#include <cstdint>

#include "fakes/src/monotonic.h"

namespace zlayer::fakes {

/// Thread-safe.
class Activity {
 public:
  void RpcStarted() { ++open_rpcs_; }
  void RpcEnded() {
    last_ns_ = MonotonicNs();
    --open_rpcs_;
  }

  bool busy() const { return open_rpcs_ > 0; }

  /// 0 as long as an RPC, and so a build, is open.
  std::int64_t IdleNs() const { return busy() ? 0 : MonotonicNs() - last_ns_; }

 private:
  std::atomic<int> open_rpcs_ = 0;
  std::atomic<std::int64_t> last_ns_ = MonotonicNs();
};

}  // namespace zlayer::fakes
