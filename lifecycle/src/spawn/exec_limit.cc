#include "lifecycle/src/spawn/exec_limit.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <ctime>

namespace zlayer::sidecar {

// Every futex call is without FUTEX_PRIVATE_FLAG, because the kernel's wake for
// CLONE_CHILD_CLEARTID is without it, too.

ExecLimit::ExecLimit(Deadline deadline, Clock::duration slack)
    : word_(std::make_unique<std::atomic<int>>(kCleared)),
      slack_(slack),
      end_(deadline > Deadline::max() - slack ? Deadline::max() : deadline + slack) {}

/// The word is leaked on purpose while a child that was given up still lives: the kernel writes to
/// it when that child ends, at any later time.
ExecLimit::~ExecLimit() {
  if (*word_ != kCleared) (void)word_.release();
}

void ExecLimit::Cancel() {
  if (!cancelled_.exchange(true)) end_ = std::min(end_.load(), DeadlineIn(slack_));
  int pending = kPending;
  // Change the word as well: a thread that has looked at `end_` but does not sleep yet then finds
  // another value than it expects, and FUTEX_WAIT returns at once.
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
    const int seen = *word_;
    if (seen == kCleared) return Outcome::finished;
    const Deadline end = end_;
    if (Clock::now() >= end) return cancelled_ ? Outcome::cancelled : Outcome::timeout;
    SleepWhile(seen, end);
  }
}

void ExecLimit::AwaitCleared(Clock::duration limit) {
  const Deadline end = DeadlineIn(limit);
  for (int seen = *word_; seen != kCleared && Clock::now() < end; seen = *word_) {
    SleepWhile(seen, end);
  }
}

/// Returns for any reason; the callers look again. errno must not be used here: the child shares
/// it.
void ExecLimit::SleepWhile(int seen, Deadline until) {
  const auto since_boot = until.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_boot);
  timespec end{};
  end.tv_sec = seconds.count();
  end.tv_nsec = std::chrono::nanoseconds(since_boot - seconds).count();
  ::syscall(SYS_futex, word(), FUTEX_WAIT_BITSET, seen, &end, nullptr, FUTEX_BITSET_MATCH_ANY);
}

}  // namespace zlayer::sidecar
