// Bounds the wait for a child's exec, which a dead file system can hold for ever.

#pragma once

#include <atomic>

#include "deadline.h"

namespace zlayer::sidecar {

/// Of one clone after the other. It lies in memory that the child shares until its exec.
class ExecLimit {
 public:
  enum class Outcome { through, cancelled, timeout };

  explicit ExecLimit(Deadline deadline) : deadline_(deadline) {}

  /// Ends the wait, also one that has not begun. Thread-safety: any thread.
  void Cancel();

  /// Before each clone. A cancel stays one.
  void Arm();

  /// For CLONE_CHILD_CLEARTID: the kernel clears it when the child's exec is through, and when the
  /// child has ended. It is no descriptor, of which a child made meanwhile by another thread would
  /// have a copy, and may be waited for with a limit, as vfork(2) may not.
  int* word() { return reinterpret_cast<int*>(&word_); }

  Outcome Await();

 private:
  enum : int { kOver = 0, kPending = 1, kCancelled = 2 };

  void SleepWhilePending();

  std::atomic<int> word_{kOver};
  const Deadline deadline_;
};

}  // namespace zlayer::sidecar
