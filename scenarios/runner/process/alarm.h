// Calls a function after a limit, unless the alarm is destroyed before that.
//
//   const Alarm alarm(limit, [&] { KillAll(FindByToken(token)); });
//   ... a call that may hang ...

#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace zlayer::scenarios {

class Alarm {
 public:
  /// `ring` is called on a thread of the alarm. The destructor waits for a `ring` that has begun.
  Alarm(std::chrono::milliseconds limit, std::function<void()> ring);

 private:
  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::jthread thread_;  // declared last: destroyed first, because it uses the others
};

}  // namespace zlayer::scenarios
