// Which RPCs are open, and since when the daemon has been idle.

#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "fakes/src/base/happenings.h"
#include "fakes/src/base/monotonic.h"

namespace zlayer::fakes::daemon {

/// Thread-safe. gRPC's threads report RPCs (rpc_interceptor.h), and so does the fault `rpc` for
/// those that it never answers; the main thread asks for the idle time.
class Activity {
 public:
  explicit Activity(std::shared_ptr<Happenings> happenings) : happenings_(std::move(happenings)) {}

  void RpcStarted() {
    const std::lock_guard lock(mutex_);
    ++open_rpcs_;
  }

  void RpcEnded() {
    const std::lock_guard lock(mutex_);
    last_ns_ = MonotonicNs();
    --open_rpcs_;
    ended_.notify_all();
  }

  /// The service has answered an RPC, and the answer is on its way to the client.
  void RpcAnswered() { happenings_->RpcAnswered(); }

  /// From now on `answered` is called when grpc.health.v1 answers. Empty: nothing is called.
  void AtHealthAnswer(std::function<void()> answered) {
    const std::lock_guard lock(mutex_);
    health_answered_ = std::move(answered);
  }
  void HealthAnswered() const {
    std::function<void()> answered;
    {
      const std::lock_guard lock(mutex_);
      answered = health_answered_;
    }
    if (answered) answered();
  }

  /// Nanoseconds since the last RPC ended, or since the start; 0 while an RPC is open.
  std::int64_t IdleNs() const {
    const std::lock_guard lock(mutex_);
    return open_rpcs_ > 0 ? 0 : MonotonicNs() - last_ns_;
  }

  /// Waits until no RPC is open. False when one is still open after `limit`.
  bool WaitUntilIdle(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    return ended_.wait_for(lock, limit, [this] { return open_rpcs_ == 0; });
  }

 private:
  const std::shared_ptr<Happenings> happenings_;
  mutable std::mutex mutex_;
  std::function<void()> health_answered_;
  std::condition_variable ended_;
  int open_rpcs_ = 0;
  std::int64_t last_ns_ = MonotonicNs();
};

}  // namespace zlayer::fakes::daemon
