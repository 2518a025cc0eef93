#include "lifecycle/src/spawn/exec_limit.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <ctime>

namespace zlayer::sidecar {

// Not the private kind of futex: the kernel's own wake is not, and processes share the word.

ExecLimit::ExecLimit(Deadline deadline)
    : word_(std::make_unique<std::atomic<int>>(kOver)), deadline_(deadline) {}

/// A child that was given up clears the word when it ends, whenever that is.
ExecLimit::~ExecLimit() {
  if (*word_ != kOver) (void)word_.release();
}

void ExecLimit::Cancel() {
  cancelled_ = true;
  int pending = kPending;
  // So that who is about to sleep does not.
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
    if (*word_ == kOver) return Outcome::through;
    if (cancelled_) return Outcome::cancelled;
    if (Clock::now() >= deadline_) return Outcome::timeout;
    SleepWhilePending();
  }
}

/// errno tells nothing here: the child has the same one.
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
