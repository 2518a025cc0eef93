#include "scenarios/runner/world/pid_squatter.h"

#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <utility>

#include "scenarios/runner/process/deadline.h"

namespace zlayer::scenarios {
namespace {

constexpr std::chrono::seconds kFreePidLimit{2};  // for the kernel to release the pid

/// fork() with a chosen pid (clone3(2), set_tid). Returns the child's pid, 0 in the child, or a
/// negative errno. This process has threads, so the child may only call async-signal-safe
/// functions.
long ForkAs(pid_t pid, int* pidfd) {
  clone_args args{};
  args.flags = CLONE_PIDFD;
  args.pidfd = reinterpret_cast<std::uintptr_t>(pidfd);
  args.exit_signal = SIGCHLD;
  args.set_tid = reinterpret_cast<std::uintptr_t>(&pid);
  args.set_tid_size = 1;
  const long child = syscall(SYS_clone3, &args, sizeof args);
  return child < 0 ? -errno : child;
}

/// The child's part. It execs a program that waits, because exec closes the descriptors that the
/// child has inherited. Without the exec it would hold the client's pipes open.
[[noreturn]] void ExecSleep() {
  setpgid(0, 0);
  char name[] = "sleep";
  char seconds[] = "60";
  char* const argv[] = {name, seconds, nullptr};
  char* const environment[] = {nullptr};
  execve("/bin/sleep", argv, environment);
  _exit(127);
}

}  // namespace

tl::expected<PidSquatter, int> PidSquatter::Start(pid_t pid) {
  const Deadline deadline(kFreePidLimit);
  PidSquatter squatter;
  for (;;) {
    int pidfd = -1;
    const long child = ForkAs(pid, &pidfd);
    if (child == 0) ExecSleep();
    if (child > 0) {
      setpgid(pid, pid);  // parent and child both call it, so that it has been done for either
      squatter.pid_ = pid;
      squatter.pidfd_ = UniqueFd(pidfd);
      return squatter;
    }
    // The kernel does not report when a pid becomes free, so try again.
    if (child != -EEXIST || deadline.passed()) return tl::unexpected(static_cast<int>(-child));
    poll(nullptr, 0, 1);
  }
}

PidSquatter::PidSquatter(PidSquatter&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), pidfd_(std::move(other.pidfd_)) {}

PidSquatter& PidSquatter::operator=(PidSquatter&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(pidfd_, other.pidfd_);
  return *this;
}

PidSquatter::~PidSquatter() {
  if (pid_ < 0) return;
  syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

bool PidSquatter::alive() const {
  pollfd ended{pidfd_.get(), POLLIN, 0};
  return poll(&ended, 1, 0) == 0;
}

}  // namespace zlayer::scenarios
