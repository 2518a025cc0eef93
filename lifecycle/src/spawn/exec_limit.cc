#include "lifecycle/src/spawn/exec_limit.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <ctime>

namespace zlayer::sidecar {

// Every futex call is without FUTEX_PRIVATE_FLAG, because the kernel's wake for
// CLONE_CHILD_CLEARTID is without it, too.

ExecLimit::ExecLimit(Deadline deadline)
    : word_(std::make_unique<std::atomic<int>>(kCleared)), deadline_(deadline) {}

/// The word is leaked on purpose while a child that was given up still lives: the kernel writes to
/// it when that child ends, at any later time.
ExecLimit::~ExecLimit() {
  if (*word_ != kCleared) (void)word_.release();
}

void ExecLimit::Cancel() {
  cancelled_ = true;
  int pending = kPending;
  // Change the word as well: a thread that has looked at `cancelled_` but does not sleep yet then
  // finds another value than it expects, and FUTEX_WAIT returns at once.
  if (word_->compare_exchange_strong(pending, kCancelled)) {
    ::syscall(SYS_futex, word(), FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
  }
}

int* ExecLimit::Arm() {
  *word_ = kPending;
  return word();
}

ExecLimit::Outcome ExecLimit::Await() {
  for (;;) {
    if (*word_ == kCleared) return Outcome::finished;
    if (cancelled_) return Outcome::cancelled;
    if (Clock::now() >= deadline_) return Outcome::timeout;
    SleepWhilePending();
  }
}

/// Returns for any reason; Await looks again. errno must not be used here: the child shares it.
void ExecLimit::SleepWhilePending() {
  const auto since_boot = deadline_.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_boot);
  timespec until{};
  until.tv_sec = seconds.count();
  until.tv_nsec = std::chrono::nanoseconds(since_boot - seconds).count();
  ::syscall(SYS_futex, word(), FUTEX_WAIT_BITSET, kPending, &until, nullptr,
            FUTEX_BITSET_MATCH_ANY);
}

}  // namespace zlayer::sidecar
