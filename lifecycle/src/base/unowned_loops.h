// Event loops that nobody refers to any more, and whose threads still wait for a sidecar's end.
//
// Who drops the last reference to a loop must not wait: a sidecar may take its whole grace to end.
// So the thread goes on alone, detached. When this process exits, such a thread must not run while
// static objects are destroyed. It is told to leave its work: the signals are sent by then, and
// the keeper ends what is left when it sees that its host has gone.

#pragma once

#include <unistd.h>

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>

namespace zlayer::sidecar {

/// Thread-safety: any thread. Never destroyed, because loops may end during exit.
class UnownedLoops {
 public:
  static UnownedLoops& Of();

  /// `leave` makes the loop's thread end soon. It is called if this process exits before Remove.
  void Add(const void* loop, std::function<void()> leave);
  /// Before the loop is deleted.
  void Remove(const void* loop);
  /// The last thing that the loop's thread does.
  void Removed();

  /// Before the exit of this process: does nothing. During it: waits until no thread is left.
  void AwaitThemAtExit();

 private:
  struct AtExit {
    ~AtExit();
    const pid_t process = ::getpid();  // a forked child has none of the threads
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::map<const void*, std::function<void()>> loops_;
  int threads_ = 0;
  bool exiting_ = false;
};

}  // namespace zlayer::sidecar
