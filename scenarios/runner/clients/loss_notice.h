// A wait for the end of a sidecar that nobody asked to end.

#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace zlayer::scenarios {

/// Told of a loss by the library, on a thread of its own.
class LossNotice {
 public:
  void Notify() {
    const std::lock_guard lock(mutex_);
    noticed_.notify_all();
  }

  /// Whether `lost` became true within `limit`; asked again after each notice.
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
