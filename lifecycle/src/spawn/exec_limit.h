// Bounds the wait for a child's exec, which a dead file system can hold for ever.

#pragma once

#include <atomic>
#include <memory>

#include "lifecycle/src/base/deadline.h"

namespace zlayer::sidecar {

/// Of one clone after the other.
class ExecLimit {
 public:
  enum class Outcome { through, cancelled, timeout };

  explicit ExecLimit(Deadline deadline);
  ~ExecLimit();
  ExecLimit(const ExecLimit&) = delete;
  ExecLimit& operator=(const ExecLimit&) = delete;

  /// Ends the wait, also one that has not begun. Thread-safety: any thread.
  void Cancel();

  // Of the parent of the child, which may be a child itself, on the same memory:

  /// Before the clone. For CLONE_CHILD_CLEARTID: the kernel clears the word when the child's exec
  /// is through, and when the child ends. It is no descriptor, of which a child made meanwhile by
  /// another thread would have a copy, and may be waited for with a limit, as vfork(2) may not.
  int* Arm();

  Outcome Await();

  /// There is no child, or it has ended: nobody clears the word any more.
  void Disarm() { *word_ = kOver; }

 private:
  enum : int { kOver = 0, kPending = 1, kCancelled = 2 };

  void SleepWhilePending();
  int* word() { return reinterpret_cast<int*>(word_.get()); }

  std::unique_ptr<std::atomic<int>> word_;
  std::atomic<bool> cancelled_{false};
  const Deadline deadline_;
};

}  // namespace zlayer::sidecar
