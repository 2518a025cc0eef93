// Bounds the wait for a child's exec, which can hang for ever on a file system that does not
// answer.
//
// The simple way to wait is CLONE_VFORK: clone(2) returns when the child has executed its program.
// But neither a deadline nor a cancel ends that wait. So the parent waits on a futex instead, which
// the kernel clears and wakes (CLONE_CHILD_CLEARTID). This is for the limit, not for speed.

#pragma once

#include <atomic>
#include <memory>

#include "lifecycle/src/base/deadline.h"

namespace zlayer::sidecar {

/// May serve several clones, one after the other: Arm, clone(2), then Await or Disarm.
class ExecLimit {
 public:
  enum class Outcome {
    finished,   // the child has executed its program, or it has ended
    cancelled,  // by Cancel
    timeout     // the deadline has passed
  };

  /// `slack`: the wait ends so much later than the deadline or the cancel. For the parent of a
  /// child that has an earlier limit of its own, and ends by itself unless it is stopped.
  explicit ExecLimit(Deadline deadline, Clock::duration slack = {});
  ~ExecLimit();
  ExecLimit(const ExecLimit&) = delete;
  ExecLimit& operator=(const ExecLimit&) = delete;

  /// Ends the wait, also a wait that begins later. Thread-safety: any thread.
  void Cancel();

  // The rest is for the parent of the child only. That parent can itself be a child on our memory:
  // the future keeper, which starts the sidecar.

  /// Call before clone(2). Returns the word for CLONE_CHILD_CLEARTID: the kernel sets it to 0 and
  /// wakes the futex when the child has executed its program, and when the child ends. A
  /// close-on-exec pipe cannot replace the futex: a child that another thread makes meanwhile
  /// inherits a copy of the write end, so the reader would see no end of file at the exec.
  int* Arm();

  Outcome Await();

  /// Waits until the kernel has cleared the word, though the child's parent has been killed; not
  /// longer than `limit`.
  void AwaitCleared(Clock::duration limit);

  /// Call when there is no child or it is reaped: the kernel will not write to the word again.
  void Disarm() { *word_ = kCleared; }

 private:
  enum : int { kCleared = 0, kPending = 1, kCancelled = 2 };

  void SleepWhile(int seen, Deadline until);
  int* word() { return reinterpret_cast<int*>(word_.get()); }

  std::unique_ptr<std::atomic<int>> word_;
  const Clock::duration slack_;
  std::atomic<Deadline> end_;  // of the wait
  std::atomic<bool> cancelled_{false};
};

}  // namespace zlayer::sidecar
