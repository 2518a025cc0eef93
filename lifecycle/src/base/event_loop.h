// The supervisor's thread: one event loop that waits for the pipes, processes, connections and
// grace periods of all sidecars of this process.
//
// Room base/: what the other rooms of lifecycle/src share. It includes no other room. Start reading
// here. Two classes wait for descriptors:
// - EventLoop runs callbacks on a thread of its own, for everything that outlives a start.
// - StartWait (start_wait.h) blocks the thread of one start.
// Both take a Deadline in monotonic time (deadline.h), and every thread of the library is a Thread
// (thread.h), which leaves the host's signals to the host's threads (signals_blocked.h). The other
// files are small: owned descriptors (unique_fd.h), errors as values (make_error.h, error.cc), text
// for messages (escaped.h), directories of mode 0700 (private_directory.h), the time that each
// phase of a start takes (phase_clock.h), processes that were forked from ours (forked.h). ReadySet
// (ready_set.h) is the epoll of the loop.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "lifecycle/src/base/deadline.h"
#include "lifecycle/src/base/forked.h"
#include "lifecycle/src/base/ready_set.h"
#include "lifecycle/src/base/thread.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// A queue of tasks, watched descriptors and timers. All callbacks run on the loop's thread, one at
/// a time: state that only they touch needs no lock. A callback that blocks delays every sidecar.
///
/// Thread-safety: Shared, Post, OnThread and Intact may be called from any thread; everything else
/// on the loop's thread only.
class EventLoop {
 public:
  using Task = std::function<void()>;
  using Ready = ReadySet::Ready;
  using TimerId = std::pair<Deadline, std::uint64_t>;

  /// The loop of this process. The first caller starts it. When the last reference goes, the loop
  /// ends if no work is left (see Hold). Otherwise nobody waits: its thread finishes the work and
  /// deletes the loop, see unowned_loops.h.
  ///
  /// ErrorKind::spawn_failed if a descriptor or the thread cannot be had, or in a forked child (see
  /// forked.h). Nothing is left of it then, and the next call tries again.
  static Result<std::shared_ptr<EventLoop>> Shared();

  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Runs `task` on the loop's thread, after the tasks that were posted before it. Every posted
  /// task runs, even if the last reference to the loop is dropped meanwhile.
  void Post(Task task);
  bool OnThread() const;
  /// False once the host has closed the descriptors of this loop. Any thread. The loop then still
  /// runs tasks and timers, and calls each `ready` of Watch every 20 ms.
  bool Intact() const { return ready_->Intact(); }

  /// Calls `ready` whenever `fd` is ready for one of `events` (EPOLLIN, EPOLLOUT; level-triggered),
  /// and for EPOLLERR and EPOLLHUP. At most one watch per descriptor; call Unwatch before closing
  /// it. A callback may add, change and remove watches, its own included. `ready` may also run when
  /// `fd` is not ready, because a late event may belong to a closed descriptor of the same number,
  /// or because the kernel could not watch `fd` (see ReadySet): its I/O must not block.
  void Watch(int fd, std::uint32_t events, Ready ready) {
    ready_->Add(fd, events, std::move(ready));
  }
  void ChangeEvents(int fd, std::uint32_t events) { ready_->Change(fd, events); }
  void Unwatch(int fd) { ready_->Remove(fd); }

  /// Runs `task` on the loop's thread once `deadline` has passed. A timer alone does not keep the
  /// thread alive: see Hold.
  TimerId At(Deadline deadline, Task task);
  /// Does nothing if the timer has already run.
  void CancelTimer(TimerId id);

  /// The thread does not end before each Hold is balanced by a Release. Held for a process until it
  /// is reaped and for a connection until it is closed.
  void Hold() { ++held_; }
  void Release() { --held_; }

 private:
  EventLoop(LibraryUse use, std::unique_ptr<ReadySet> ready)
      : use_(std::move(use)), ready_(std::move(ready)) {}
  ~EventLoop() = default;
  static Result<std::shared_ptr<EventLoop>> Make(LibraryUse use);
  void Finish();  // called when the last reference goes
  void GoOnAlone();
  void Run();
  void RunPosted();
  void RunTimers();
  int NextTimeout() const;

  const LibraryUse use_;
  const std::unique_ptr<ReadySet> ready_;
  std::mutex mutex_;
  std::vector<Task> posted_;  // guarded by mutex_
  std::atomic<bool> stopping_{false};
  std::map<TimerId, Task> timers_;
  std::uint64_t timers_made_ = 0;
  int held_ = 0;
  bool deletes_itself_ = false;  // the thread is detached: see GoOnAlone
  bool leaves_work_ = false;     // this process exits: see UnownedLoops
  Thread thread_;
};

}  // namespace zlayer::sidecar
