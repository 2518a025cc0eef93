// Which RPCs are open, and since when the daemon has been idle.
//
// The idle clock of the deployed daemon knows BuildService only: a call moves it when it begins and
// when it ends, and it stands still while a build runs. Calls of grpc.health.v1 and of unknown
// methods, and open connections, do not count.

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

/// What an RPC is to the idle clock. `call` and `build` are of BuildService.
enum class RpcKind { other, call, build };

/// Thread-safe. gRPC's threads report RPCs (rpc_interceptor.h), and so does the fault `rpc` for
/// those that it never answers; the main thread asks for the idle time.
class Activity {
 public:
  explicit Activity(std::shared_ptr<Happenings> happenings) : happenings_(std::move(happenings)) {}

  void RpcStarted(RpcKind kind) {
    const std::lock_guard lock(mutex_);
    ++open_rpcs_;
    Note(kind, 1);
  }

  void RpcEnded(RpcKind kind) {
    const std::lock_guard lock(mutex_);
    --open_rpcs_;
    Note(kind, -1);
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

  /// Nanoseconds since a call of BuildService last began or ended, or since the start; 0 while a
  /// build runs.
  std::int64_t IdleNs() const {
    const std::lock_guard lock(mutex_);
    return builds_ > 0 ? 0 : MonotonicNs() - last_ns_;
  }

  /// Waits until no RPC is open. False when one is still open after `limit`.
  bool WaitUntilIdle(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    return ended_.wait_for(lock, limit, [this] { return open_rpcs_ == 0; });
  }

 private:
  void Note(RpcKind kind, int builds) {
    if (kind != RpcKind::other) last_ns_ = MonotonicNs();
    if (kind == RpcKind::build) builds_ += builds;
  }

  const std::shared_ptr<Happenings> happenings_;
  mutable std::mutex mutex_;
  std::function<void()> health_answered_;
  std::condition_variable ended_;
  int open_rpcs_ = 0;
  int builds_ = 0;
  std::int64_t last_ns_ = MonotonicNs();
};

}  // namespace zlayer::fakes::daemon
