#include "exec_limit.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <ctime>

namespace zlayer::sidecar {

// Not the private kind of futex: the kernel's own wake is not, and processes share the word.

void ExecLimit::Cancel() {
  int pending = kPending;
  if (!word_.compare_exchange_strong(pending, kCancelled)) return;
  ::syscall(SYS_futex, word(), FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

ExecLimit::Outcome ExecLimit::Await() {
  for (;;) {
    const int value = word_.load();
    if (value == kOver) return Outcome::through;
    if (value == kCancelled) return Outcome::cancelled;
    if (Clock::now() >= deadline_) return Outcome::timeout;
    SleepWhile(value, deadline_);
  }
}

bool ExecLimit::AwaitEnd(Deadline deadline) {
  for (int value; (value = word_.load()) != kOver;) {
    if (Clock::now() >= deadline) return false;
    SleepWhile(value, deadline);
  }
  return true;
}

/// errno tells nothing here: the child has the same one.
void ExecLimit::SleepWhile(int value, Deadline deadline) {
  const auto since_boot = deadline.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_boot);
  timespec until{};
  until.tv_sec = seconds.count();
  until.tv_nsec = std::chrono::nanoseconds(since_boot - seconds).count();
  ::syscall(SYS_futex, word(), FUTEX_WAIT_BITSET, value, &until, nullptr, FUTEX_BITSET_MATCH_ANY);
}

}  // namespace zlayer::sidecar
