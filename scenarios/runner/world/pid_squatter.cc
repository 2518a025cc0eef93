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

constexpr std::chrono::seconds kPatience{2};

/// fork() into a chosen id; the errno of a failure, negative. The child may only call what is safe
/// after the fork of a process with threads.
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

/// exec closes what the runner has open; without it the stranger would keep the client's pipes.
[[noreturn]] void BeIdle() {
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
  const Deadline deadline(kPatience);
  PidSquatter squatter;
  for (;;) {
    int pidfd = -1;
    const long child = ForkAs(pid, &pidfd);
    if (child == 0) BeIdle();
    if (child > 0) {
      setpgid(pid, pid);  // whoever comes first
      squatter.pid_ = pid;
      squatter.pidfd_ = UniqueFd(pidfd);
      return squatter;
    }
    // Nobody tells when an id becomes free.
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
