// A thread for a connection: its stack is small, because there are many of them, and its start can
// fail, because there may be too many.
//
//   SmallThread thread;
//   if (!thread.Start([socket = std::move(socket)] { Serve(socket); })) Refuse();

#pragma once

#include <pthread.h>

#include <memory>
#include <utility>

namespace zlayer::fakes::daemon {

/// Not thread-safe: one thread starts and joins it.
class SmallThread {
 public:
  SmallThread() = default;
  ~SmallThread() { Join(); }
  SmallThread(const SmallThread&) = delete;
  SmallThread& operator=(const SmallThread&) = delete;

  /// Calls `body` in a new thread. False when the process may have no more memory or threads;
  /// `body` is then destroyed without a call. Call once.
  template <typename Body>
  bool Start(Body body) {
    auto kept = std::make_unique<Body>(std::move(body));
    if (!Create(&Run<Body>, kept.get())) return false;
    (void)kept.release();  // Run() owns it
    return true;
  }

  /// Waits for the end of the body; at once when nothing was started.
  void Join();

 private:
  template <typename Body>
  static void* Run(void* body) {
    (*std::unique_ptr<Body>(static_cast<Body*>(body)))();
    return nullptr;
  }

  bool Create(void* (*run)(void*), void* body);

  pthread_t thread_{};
  bool started_ = false;
};

/// Bytes of memory that one thread takes.
inline constexpr size_t kSmallStack = 96 * 1024;

}  // namespace zlayer::fakes::daemon
