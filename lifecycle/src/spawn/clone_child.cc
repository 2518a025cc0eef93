#include "lifecycle/src/spawn/clone_child.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace zlayer::sidecar {
namespace {

constexpr int kLastSignal = 64;

ZLAYER_UNOBSERVED void DefaultDispositions() {
  // The kernel's struct sigaction of any architecture fits; all zero is SIG_DFL.
  const unsigned long standard[8] = {};
  for (int signal = 1; signal <= kLastSignal; ++signal) {
    if (signal == SIGKILL || signal == SIGSTOP) continue;
    ::syscall(SYS_rt_sigaction, signal, standard, nullptr, kSignalSetSize);
  }
}

/// Not by exec: while that is waited for, what the parent closes must be closed.
ZLAYER_UNOBSERVED bool CloseFrom(unsigned first) {
  if (::syscall(SYS_close_range, first, ~0U, 0U) == 0) return true;
  if (errno != ENOSYS) return false;  // Linux 5.9
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

/// In decimals, with an end. Where the digits end.
ZLAYER_UNOBSERVED char* WriteNumber(unsigned number, char* to) {
  char digits[10];
  size_t count = 0;
  do {
    digits[count++] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  while (count > 0) *to++ = digits[--count];
  *to = '\0';
  return to;
}

/// "ID ID 1": this number inside is this number outside.
ZLAYER_UNOBSERVED bool MapToItself(const char* path, unsigned id) {
  char line[32];
  char* at = WriteNumber(id, line);
  *at++ = ' ';
  at = WriteNumber(id, at);
  *at++ = ' ';
  *at++ = '1';
  return WriteFile(path, line, static_cast<size_t>(at - line));
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

ZLAYER_UNOBSERVED bool StartWard(Child* child) {
  const ExecPlan& plan = *child->plan;
  if (plan.ward == nullptr) return true;
  if (::syscall(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return false;
  child->ward = CloneExec(*plan.ward);
  if (child->ward.error != 0) return false;
  WriteNumber(static_cast<unsigned>(child->ward.pid), plan.ward_pid);
  return true;
}

/// Whose guardian cannot run must not, either.
ZLAYER_UNOBSERVED void EndWard(const Child& child) {
  if (child.ward.pid < 0 || child.ward.error != 0) return;
  ::syscall(SYS_kill, -child.ward.pid, SIGKILL);
  ::syscall(SYS_kill, child.ward.pid, SIGKILL);  // it may have moved to another group
  ::syscall(SYS_wait4, child.ward.pid, nullptr, 0, nullptr);
}

}  // namespace

ZLAYER_UNOBSERVED int RunChild(void* argument) {
  auto* child = static_cast<Child*>(argument);
  const ExecPlan& plan = *child->plan;
  DefaultDispositions();
  const bool grouped =
      plan.own_session ? ::syscall(SYS_setsid) >= 0 : ::syscall(SYS_setpgid, 0, 0) == 0;
  if (grouped && FollowParent(*child) && KeepIdentity(*child) && PlaceDescriptors(plan) &&
      StartWard(child)) {
    const unsigned long none = 0;
    if (plan.ward == nullptr) {
      ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, kSignalSetSize);
    }
    ::syscall(SYS_execve, plan.path, plan.argv, plan.envp);
  }
  child->error = errno;
  EndWard(*child);
  ::syscall(SYS_exit_group, 127);
  return 127;
}

}  // namespace zlayer::sidecar
