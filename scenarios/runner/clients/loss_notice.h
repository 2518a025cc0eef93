// Waits until the library reports that the sidecar has ended although nobody stopped it.

#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace zlayer::scenarios {

/// Notify is called by the library's on_lost, on a thread of the library; Await by the client's
/// step.
class LossNotice {
 public:
  void Notify() {
    const std::lock_guard lock(mutex_);
    noticed_.notify_all();
  }

  /// Waits until `lost` returns true. It is called now and after each Notify. False when `limit` is
  /// over first.
  template <typename Predicate>
  bool Await(Predicate lost, std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    return noticed_.wait_for(lock, limit, lost);
  }

 private:
  std::mutex mutex_;
  std::condition_variable noticed_;
};

}  // namespace zlayer::scenarios
