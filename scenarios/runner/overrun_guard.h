// A last resort against a client that never comes back: what it waits for is killed.

#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace zlayer::scenarios {

/// Kills every process with the token once `limit` has passed, unless it is destroyed before.
class OverrunGuard {
 public:
  OverrunGuard(std::string token, std::chrono::milliseconds limit);

  bool fired() const { return fired_; }

 private:
  std::atomic<bool> fired_ = false;
  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace zlayer::scenarios
