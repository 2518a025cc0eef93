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

ZLAYER_NO_SANITIZE void DefaultDispositions() {
  // Large enough for the kernel's struct sigaction on any architecture; all zero means SIG_DFL.
  const unsigned long standard[8] = {};
  for (int signal = 1; signal <= kLastSignal; ++signal) {
    if (signal == SIGKILL || signal == SIGSTOP) continue;
    ::syscall(SYS_rt_sigaction, signal, standard, nullptr, kSignalSetSize);
  }
}

/// Closes now, not by close-on-exec: the exec may hang, and until it is through the child's copies
/// would keep open what the parent closes, such as the write end of a pipe.
ZLAYER_NO_SANITIZE bool CloseFrom(unsigned first) {
  if (::syscall(SYS_close_range, first, ~0U, 0U) == 0) return true;
  if (errno != ENOSYS) return false;  // close_range(2) is there since Linux 5.9
  rlimit limit{};
  if (::syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, nullptr, &limit) != 0) return false;
  for (unsigned fd = first; fd < limit.rlim_cur; ++fd) ::syscall(SYS_close, fd);
  return true;
}

ZLAYER_NO_SANITIZE bool PlaceDescriptors(const ExecPlan& plan) {
  int sources[ExecPlan::kMostDescriptors];
  const int count = static_cast<int>(plan.descriptor_count);
  // First copy the sources to numbers above all targets: the source of one copy may have the number
  // of another copy's target.
  for (int i = 0; i < count; ++i) {
    sources[i] = static_cast<int>(::syscall(SYS_fcntl, plan.descriptors[i], F_DUPFD, count));
    if (sources[i] < 0) return false;
  }
  for (int i = 0; i < count; ++i) {
    if (::syscall(SYS_dup3, sources[i], i, 0) < 0) return false;
  }
  return CloseFrom(static_cast<unsigned>(count));
}

ZLAYER_NO_SANITIZE bool WriteFile(const char* path, const char* text, size_t size) {
  const int fd = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC));
  if (fd < 0) return false;
  const bool written = ::syscall(SYS_write, fd, text, size) == static_cast<long>(size);
  const int error = errno;
  ::syscall(SYS_close, fd);
  errno = error;
  return written;
}

/// Writes `number` in decimals and a NUL to `to`. Returns the place of the NUL.
ZLAYER_NO_SANITIZE char* WriteNumber(unsigned number, char* to) {
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

/// Writes the map "ID ID 1": one id, the same number inside the user namespace as outside.
ZLAYER_NO_SANITIZE bool MapIdToItself(const char* path, unsigned id) {
  char line[32];
  char* at = WriteNumber(id, line);
  *at++ = ' ';
  at = WriteNumber(id, at);
  *at++ = ' ';
  *at++ = '1';
  return WriteFile(path, line, static_cast<size_t>(at - line));
}

/// In a new user namespace every id is unmapped at first; the child keeps its user and group. An
/// unprivileged process may write gid_map only after it has given up setgroups(2).
ZLAYER_NO_SANITIZE bool KeepUserAndGroup(Child* child) {
  if ((child->plan->namespaces & CLONE_NEWUSER) == 0) return true;
  child->user_map_failed = !WriteFile("/proc/self/setgroups", "deny", 4) ||
                           !MapIdToItself("/proc/self/uid_map", child->uid) ||
                           !MapIdToItself("/proc/self/gid_map", child->gid);
  return !child->user_map_failed;
}

ZLAYER_NO_SANITIZE bool DieWithParent(const Child& child) {
  if (child.plan->parent_death_signal == 0) return true;
  if (::syscall(SYS_prctl, PR_SET_PDEATHSIG, child.plan->parent_death_signal, 0, 0, 0) != 0) {
    return false;
  }
  // If the parent ended before the prctl, no signal will come. Exit: nobody waits for this child.
  if (::syscall(SYS_getppid) != child.parent) ::syscall(SYS_exit_group, 127);
  return true;
}

/// In the child that becomes the keeper. It must be a subreaper before the sidecar runs, or what
/// the sidecar starts at once could escape to init. The setting survives the keeper's exec.
ZLAYER_NO_SANITIZE bool StartSidecar(Child* child) {
  const ExecPlan& plan = *child->plan;
  if (plan.sidecar == nullptr) return true;
  if (::syscall(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return false;
  child->sidecar = CloneExec(*plan.sidecar);
  if (child->sidecar.error != 0) return false;
  WriteNumber(static_cast<unsigned>(child->sidecar.pid), plan.sidecar_pid);
  return true;
}

/// If the keeper cannot run, the sidecar must not run either. A sidecar whose start failed has been
/// reaped by CloneExec.
ZLAYER_NO_SANITIZE void EndSidecar(const Child& child) {
  if (child.sidecar.pid < 0 || child.sidecar.error != 0) return;
  ::syscall(SYS_kill, -child.sidecar.pid, SIGKILL);
  ::syscall(SYS_kill, child.sidecar.pid, SIGKILL);  // the sidecar may have left its group
  ::syscall(SYS_wait4, child.sidecar.pid, nullptr, 0, nullptr);
}

}  // namespace

ZLAYER_NO_SANITIZE int RunChild(void* argument) {
  auto* child = static_cast<Child*>(argument);
  const ExecPlan& plan = *child->plan;
  DefaultDispositions();
  const bool grouped =
      plan.own_session ? ::syscall(SYS_setsid) >= 0 : ::syscall(SYS_setpgid, 0, 0) == 0;
  if (grouped && DieWithParent(*child) && KeepUserAndGroup(child) && PlaceDescriptors(plan) &&
      StartSidecar(child)) {
    const unsigned long none = 0;
    // With a sidecar this child becomes the keeper. Signals that come before the keeper reads them
    // from its signalfd must stay pending, so they stay blocked through the exec.
    if (plan.sidecar == nullptr) {
      ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, kSignalSetSize);
    }
    ::syscall(SYS_execve, plan.path, plan.argv, plan.envp);
  }
  child->error = errno;
  EndSidecar(*child);
  ::syscall(SYS_exit_group, 127);
  return 127;
}

}  // namespace zlayer::sidecar
