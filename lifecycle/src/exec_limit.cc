#include "exec_limit.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <ctime>

namespace zlayer::sidecar {

// Not the private kind of futex: the kernel's own wake is not, and processes share the word.

void ExecLimit::Cancel() {
  word_ = kCancelled;
  ::syscall(SYS_futex, word(), FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

void ExecLimit::Arm() {
  int over = kOver;
  word_.compare_exchange_strong(over, kPending);
}

ExecLimit::Outcome ExecLimit::Await() {
  for (;;) {
    const int value = word_.load();
    if (value == kOver) return Outcome::through;
    if (value == kCancelled) return Outcome::cancelled;
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
