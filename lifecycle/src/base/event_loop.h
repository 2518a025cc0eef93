// The one thread of this library that waits: for pipes, process ends, connections and grace periods
// of all sidecars.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lifecycle/src/base/deadline.h"
#include "lifecycle/src/base/unique_fd.h"

namespace zlayer::sidecar {

/// Thread-safety: Post and OnThread from any thread; everything else on the loop's thread only.
class EventLoop {
 public:
  using Task = std::function<void()>;
  using Ready = std::function<void(std::uint32_t epoll_events)>;
  using TimerId = std::pair<Deadline, std::uint64_t>;

  /// The loop of this process. It is started by its first user and ends with its last; who drops
  /// the last reference waits until no work is left (see Hold), unless that is the loop's own
  /// thread.
  static std::shared_ptr<EventLoop> Shared();

  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Runs `task` on the loop's thread, after those posted before.
  void Post(Task task);
  bool OnThread() const;

  /// Calls `ready` whenever `fd` is ready for one of `events` (EPOLLIN, EPOLLOUT; level-triggered).
  /// One watch a descriptor; Unwatch before closing it. Safe to change from inside callbacks. A
  /// callback may come without need: its I/O must not block.
  void Watch(int fd, std::uint32_t events, Ready ready);
  void ChangeEvents(int fd, std::uint32_t events);
  void Unwatch(int fd);

  TimerId At(Deadline deadline, Task task);
  void CancelTimer(TimerId id);

  /// While the balance of Hold and Release is positive the thread does not end.
  void Hold() { ++held_; }
  void Release() { --held_; }

 private:
  EventLoop();
  ~EventLoop() = default;
  void Finish();
  void Run();
  void RunReady(int timeout);
  void RunPosted();
  void RunTimers();
  int NextTimeout() const;

  UniqueFd epoll_;
  UniqueFd wake_;
  std::mutex mutex_;
  std::vector<Task> posted_;  // guarded by mutex_
  std::atomic<bool> stopping_{false};
  std::unordered_map<int, std::shared_ptr<Ready>> watches_;
  std::map<TimerId, Task> timers_;
  std::uint64_t timers_made_ = 0;
  int held_ = 0;
  bool deletes_itself_ = false;  // its last reference went on its own thread
  std::thread thread_;
};

}  // namespace zlayer::sidecar
