#include "fakes/src/process/stand_still.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "fakes/src/base/monotonic.h"
#include "fakes/src/base/unique_fd.h"
#include "fakes/src/process/lifetime.h"

namespace zlayer::fakes::daemon {
namespace {

/// Interval between two SIGCONT. One is not enough: the first may come before the process stops.
constexpr int kAgainMs = 10;
/// Delay of the SIGCONT after the end of the lifetime, so that SIGALRM is pending by then and kills
/// the process as soon as it continues.
constexpr std::int64_t kBehindLifetime = 20'000'000;

/// Runs in the child. The parent may have threads, so only async-signal-safe functions are allowed.
/// The parent holds the writing end of the pipe `alive` and closes it when it runs again or dies;
/// the child then exits. The child closes all other descriptors: it must not hold the parent's
/// pipes and sockets open.
[[noreturn]] void ContinueLater(int parent, int alive, std::int64_t due_ns) {
  constexpr int kParent = 0;
  constexpr int kAlive = 1;
  const int safe_parent = fcntl(parent, F_DUPFD, kAlive + 1);
  if (dup2(alive, kAlive) < 0 || dup2(safe_parent, kParent) < 0) _exit(1);
  close_range(kAlive + 1, ~0U, 0);
  for (;;) {
    const int timeout = MonotonicNs() < due_ns ? MillisecondsUntil(due_ns) : kAgainMs;
    pollfd waited{.fd = kAlive, .events = POLLIN, .revents = 0};
    if (poll(&waited, 1, timeout) != 0) _exit(0);
    if (MonotonicNs() >= due_ns) syscall(SYS_pidfd_send_signal, kParent, SIGCONT, nullptr, 0);
  }
}

/// Starts the child with every signal blocked: a signal to the process group must not kill it, or
/// nobody would continue the parent.
pid_t StartChild(int self, int alive, int gone, std::int64_t due_ns) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t child = fork();
  if (child == 0) {
    close(gone);
    ContinueLater(self, alive, due_ns);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return child;
}

}  // namespace

bool StandStillUntil(std::int64_t due_ns) {
  const UniqueFd self(static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0)));
  int ends[2];
  if (!self || pipe2(ends, O_CLOEXEC) != 0) return false;
  const UniqueFd alive(ends[0]);
  UniqueFd gone(ends[1]);
  if (const std::int64_t left_us = RemainingLifetimeUs(); left_us != kUntilKilled) {
    due_ns = std::min(due_ns, MonotonicNs() + left_us * 1'000 + kBehindLifetime);
  }
  const pid_t child = StartChild(self.get(), alive.get(), gone.get(), due_ns);
  if (child < 0) return false;
  raise(SIGSTOP);  // returns only after this thread has stopped and continued
  // The lifetime is over, and its SIGALRM may still be on its way to the main thread: wait for it.
  while (RemainingLifetimeUs() == 0) poll(nullptr, 0, -1);
  gone.Reset();
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  return true;
}

}  // namespace zlayer::fakes::daemon
