#include "clone_exec.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

// The child runs on its parent's memory, behind the back of a sanitizer's bookkeeping.
#define ZLAYER_UNOBSERVED __attribute__((no_sanitize("address", "thread", "undefined")))

namespace zlayer::sidecar {
namespace {

constexpr size_t kStackSize = 64 * 1024;
constexpr size_t kSignalSetSize = 8;  // bytes of the kernel's sigset_t
constexpr int kLastSignal = 64;

/// The stack of the child, with a page below it that no one may touch.
class GuardedStack {
 public:
  GuardedStack()
      : base_(::mmap(nullptr, kGuard + kStackSize, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0)) {
    if (made()) ::mprotect(base_, kGuard, PROT_NONE);
  }
  ~GuardedStack() {
    if (made()) ::munmap(base_, kGuard + kStackSize);
  }
  GuardedStack(const GuardedStack&) = delete;
  GuardedStack& operator=(const GuardedStack&) = delete;

  bool made() const { return base_ != MAP_FAILED; }
  void* top() const { return static_cast<char*>(base_) + kGuard + kStackSize; }

 private:
  static constexpr size_t kGuard = 64 * 1024;  // a page, however large the machine's pages are
  void* base_;
};

/// Blocks every signal, also the C library's own, which sigprocmask(3) leaves alone: a handler must
/// not run in a child that shares our memory.
class EverySignalBlocked {
 public:
  EverySignalBlocked() {
    const unsigned long all = ~0UL;
    ::syscall(SYS_rt_sigprocmask, SIG_BLOCK, &all, &before_, kSignalSetSize);
  }
  ~EverySignalBlocked() {
    ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before_, nullptr, kSignalSetSize);
  }
  EverySignalBlocked(const EverySignalBlocked&) = delete;
  EverySignalBlocked& operator=(const EverySignalBlocked&) = delete;

 private:
  unsigned long before_ = 0;
};

struct Child {
  const ExecPlan* plan;
  pid_t parent;
  uid_t uid;
  gid_t gid;
  int error;
};

// What follows runs in the child.

ZLAYER_UNOBSERVED void DefaultDispositions() {
  // The kernel's struct sigaction of any architecture fits; all zero is SIG_DFL.
  const unsigned long standard[8] = {};
  for (int signal = 1; signal <= kLastSignal; ++signal) {
    if (signal == SIGKILL || signal == SIGSTOP) continue;
    ::syscall(SYS_rt_sigaction, signal, standard, nullptr, kSignalSetSize);
  }
}

/// By exec, which closes them after it has let the parent go on; at once where the kernel is older
/// than 5.11.
ZLAYER_UNOBSERVED bool CloseFrom(unsigned first) {
  if (::syscall(SYS_close_range, first, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return true;
  if (errno == EINVAL && ::syscall(SYS_close_range, first, ~0U, 0U) == 0) return true;
  if (errno != ENOSYS) return false;
  rlimit limit{};
  if (::syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, nullptr, &limit) != 0) return false;
  for (unsigned fd = first; fd < limit.rlim_cur; ++fd) ::syscall(SYS_close, fd);
  return true;
}

ZLAYER_UNOBSERVED bool PlaceDescriptors(const ExecPlan& plan) {
  int sources[ExecPlan::kMostDescriptors];
  const int count = static_cast<int>(plan.descriptor_count);
  // First out of the way: a source may have the number of another's target.
  for (int i = 0; i < count; ++i) {
    sources[i] = static_cast<int>(::syscall(SYS_fcntl, plan.descriptors[i], F_DUPFD, count));
    if (sources[i] < 0) return false;
  }
  for (int i = 0; i < count; ++i) {
    if (::syscall(SYS_dup3, sources[i], i, 0) < 0) return false;
  }
  return CloseFrom(static_cast<unsigned>(count));
}

ZLAYER_UNOBSERVED bool WriteFile(const char* path, const char* text, size_t size) {
  const int fd = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC));
  if (fd < 0) return false;
  const bool written = ::syscall(SYS_write, fd, text, size) == static_cast<long>(size);
  const int error = errno;
  ::syscall(SYS_close, fd);
  errno = error;
  return written;
}

/// "ID ID 1": this number inside is this number outside.
ZLAYER_UNOBSERVED bool MapToItself(const char* path, unsigned id) {
  char digits[10];
  size_t count = 0;
  do {
    digits[count++] = static_cast<char>('0' + id % 10);
    id /= 10;
  } while (id != 0);
  char line[32];
  size_t size = 0;
  for (int column = 0; column < 2; ++column) {
    for (size_t i = count; i > 0; --i) line[size++] = digits[i - 1];
    line[size++] = ' ';
  }
  line[size++] = '1';
  return WriteFile(path, line, size);
}

ZLAYER_UNOBSERVED bool KeepIdentity(const Child& child) {
  if ((child.plan->namespaces & CLONE_NEWUSER) == 0) return true;
  return WriteFile("/proc/self/setgroups", "deny", 4) &&
         MapToItself("/proc/self/uid_map", child.uid) &&
         MapToItself("/proc/self/gid_map", child.gid);
}

ZLAYER_UNOBSERVED bool FollowParent(const Child& child) {
  if (child.plan->parent_death_signal == 0) return true;
  if (::syscall(SYS_prctl, PR_SET_PDEATHSIG, child.plan->parent_death_signal, 0, 0, 0) != 0) {
    return false;
  }
  // It may have ended before the request; nobody waits for this child then.
  if (::syscall(SYS_getppid) != child.parent) ::syscall(SYS_exit_group, 127);
  return true;
}

ZLAYER_UNOBSERVED int RunChild(void* argument) {
  auto* child = static_cast<Child*>(argument);
  const ExecPlan& plan = *child->plan;
  DefaultDispositions();
  const bool grouped =
      plan.own_session ? ::syscall(SYS_setsid) >= 0 : ::syscall(SYS_setpgid, 0, 0) == 0;
  if (grouped && KeepIdentity(*child) && PlaceDescriptors(plan) && FollowParent(*child)) {
    const unsigned long none = 0;
    ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, kSignalSetSize);
    ::syscall(SYS_execve, plan.path, plan.argv, plan.envp);
  }
  child->error = errno;
  ::syscall(SYS_exit_group, 127);
  return 127;
}

/// Takes away the child that did not get to its program.
void ReapFailed(Cloned* cloned) {
  const bool by_pidfd = cloned->pidfd >= 0;
  const auto id = static_cast<id_t>(by_pidfd ? cloned->pidfd : cloned->pid);
  while (::waitid(by_pidfd ? P_PIDFD : P_PID, id, nullptr, WEXITED) != 0 && errno == EINTR) {
  }
  if (by_pidfd) ::close(cloned->pidfd);
  cloned->pidfd = -1;
}

}  // namespace

Cloned CloneExec(const ExecPlan& plan) {
  Cloned cloned;
  const GuardedStack stack;
  if (!stack.made()) {
    cloned.error = errno;
    return cloned;
  }
  Child child{&plan, ::getpid(), ::geteuid(), ::getegid(), 0};
  {
    const EverySignalBlocked blocked;
    const unsigned long flags =
        CLONE_VM | CLONE_VFORK | SIGCHLD | plan.namespaces | (plan.want_pidfd ? CLONE_PIDFD : 0);
    cloned.pid = ::clone(&RunChild, stack.top(), static_cast<int>(flags), &child, &cloned.pidfd);
    cloned.error = cloned.pid < 0 ? errno : child.error;
  }
  if (cloned.pid >= 0 && cloned.error != 0) ReapFailed(&cloned);
  return cloned;
}

}  // namespace zlayer::sidecar
