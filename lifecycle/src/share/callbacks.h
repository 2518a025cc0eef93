// Runs the callbacks of one lifecycle on a thread of their own, one after the other.
//
// A callback may call what it likes, the destructor of its lifecycle included, and may take its
// time. So it runs neither on the loop's thread, which serves every sidecar of the process, nor on
// the thread of a start, which Ensure and Shutdown wait for.
//
//   auto callbacks = Callbacks::TakeFrom(&options);  // options now has functions that only queue
//   if (auto started = callbacks->Start(); !started) return started.error();
//   ...
//   callbacks->Close();  // no callback runs any more

#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "lifecycle/src/base/thread.h"
#include "lifecycle/src/share/loss.h"
#include "zlayer/sidecar/config.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// Thread-safety: any thread. The functions that TakeFrom leaves in the options own this object
/// together with the lifecycle; after Close they do nothing.
class Callbacks : public std::enable_shared_from_this<Callbacks> {
 public:
  /// The lines of stderr that may wait for on_stderr_line: their bytes, and what the queue needs
  /// for each. With more, the sidecar's stderr is not read.
  static constexpr size_t kQueueLimit = 1024 * 1024;
  /// The same for a sidecar whose stderr must be read on: with more, its lines are left out.
  static constexpr size_t kOverflow = 2 * kQueueLimit;

  /// Takes the callbacks out of `options` and leaves functions there that queue a call and return.
  static std::shared_ptr<Callbacks> TakeFrom(LifecycleOptions* options);

  /// Makes the thread, unless there is one already or there is no callback to run. Error:
  /// spawn_failed if no thread can be made. One thread at a time.
  Result<void> Start();

  /// Queues the call of on_lost.
  void Lost(std::shared_ptr<const Loss> loss);

  /// Returns whether so many lines of stderr wait that no more should be read now. In that case
  /// `resume` is called once, on any thread, as soon as more can be read.
  bool StderrFull(std::function<void()> resume);

  /// Returns whether so many lines wait that those of a sidecar which must be read on are left out.
  bool StderrOverflows() const;

  /// Returns when all queued callbacks have run; none runs afterwards. Inside a callback it drops
  /// the queued ones and returns at once: the callback that runs is the last one, and the thread
  /// ends after it. The user's functions are destroyed after the last callback.
  void Close();

 private:
  struct Functions {
    std::function<void(std::string_view)> on_stderr_line;
    std::function<void(const LifecycleError&)> on_lost;
    std::function<void(Phase, std::chrono::nanoseconds)> on_phase;
    std::function<void(const LifecycleEvent&)> on_event;
  };
  struct Call {
    std::function<void()> run;
    size_t line_size;  // what it counts for kQueueLimit
  };

  explicit Callbacks(Functions user);
  void Post(std::function<void()> run, size_t line_size = 0);
  void PostLine(std::string_view line);
  void Run();

  Functions user_;  // called on the thread only, and destroyed there
  const bool any_;  // whether there is a callback

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::deque<Call> queue_;
  size_t lines_size_ = 0;                      // of the calls in queue_
  std::vector<std::function<void()>> paused_;  // the `resume` of StderrFull
  bool closed_ = false;
  Thread thread_;
};

}  // namespace zlayer::sidecar
