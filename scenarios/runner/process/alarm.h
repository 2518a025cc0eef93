// Does something after a while, unless it is destroyed before.

#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace zlayer::scenarios {

class Alarm {
 public:
  /// `ring` is called on a thread of the alarm's own.
  Alarm(std::chrono::milliseconds limit, std::function<void()> ring);

 private:
  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace zlayer::scenarios
