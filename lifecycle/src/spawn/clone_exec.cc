#include "lifecycle/src/spawn/clone_exec.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "lifecycle/src/spawn/clone_child.h"

namespace zlayer::sidecar {
namespace {

constexpr size_t kStackSize = 64 * 1024;

/// How long Reap waits for the end of a child that was killed or has failed. The end takes
/// microseconds, unless a file system holds the child or the last process of its PID namespace.
constexpr timespec kKillWait{1, 0};

/// The child's stack. An overflow must not damage the memory that the child shares with us: below
/// the stack is a guard that cannot be accessed.
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
  static constexpr size_t kGuard = 64 * 1024;  // a multiple of any machine's page size
  void* base_;
};

/// Blocks every signal for the scope. A handler of the host must not run in a child that shares our
/// memory. The raw system call also blocks the C library's own two signals, which sigprocmask(3)
/// does not block.
class EverySignalBlocked {
 public:
  EverySignalBlocked() {
    ::syscall(SYS_rt_sigprocmask, SIG_BLOCK, &kAll, &before_, kSignalSetSize);
  }
  ~EverySignalBlocked() { Set(before_); }
  EverySignalBlocked(const EverySignalBlocked&) = delete;
  EverySignalBlocked& operator=(const EverySignalBlocked&) = delete;

  unsigned long before() const { return before_; }
  static void Set(unsigned long mask) {
    ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, nullptr, kSignalSetSize);
  }
  static constexpr unsigned long kAll = ~0UL;

 private:
  unsigned long before_ = 0;
};

/// Lets in the C library's own signals, if they were not blocked before, for a wait that may be
/// long. By one of them setuid(2) and its kin reach every thread of the host, and they wait for
/// all. Its handler makes a system call and does not touch errno, which the child shares.
class CLibrarySignalsOpen {
 public:
  explicit CLibrarySignalsOpen(const EverySignalBlocked& blocked) {
    unsigned long own = 0;
    for (int signal = kFirstRealTime; signal < SIGRTMIN; ++signal) own |= 1UL << (signal - 1);
    EverySignalBlocked::Set(~own | blocked.before());
  }
  ~CLibrarySignalsOpen() { EverySignalBlocked::Set(EverySignalBlocked::kAll); }
  CLibrarySignalsOpen(const CLibrarySignalsOpen&) = delete;
  CLibrarySignalsOpen& operator=(const CLibrarySignalsOpen&) = delete;

 private:
  /// The kernel's. The C library keeps those below its SIGRTMIN for itself.
  static constexpr int kFirstRealTime = 32;
};

/// Reaps a child that did not get to its program. False: the child has not ended within kKillWait.
bool Reap(const Cloned& cloned) {
  pollfd ended{cloned.pidfd, POLLIN, 0};
  timespec left = kKillWait;  // the kernel writes to it
  if (::syscall(SYS_ppoll, &ended, 1, &left, nullptr, kSignalSetSize) <= 0) return false;
  while (::waitid(P_PIDFD, static_cast<id_t>(cloned.pidfd), nullptr, WEXITED) != 0 &&
         errno == EINTR) {
  }
  return true;
}

/// False: the limit ended the wait, and the child has been sent SIGKILL.
bool AwaitExec(const ExecPlan& plan, const EverySignalBlocked& blocked, Cloned* cloned) {
  ExecLimit* const limit = plan.limit;
  if (limit == nullptr) return true;  // CLONE_VFORK: clone(2) itself has waited
  {
    const CLibrarySignalsOpen open(blocked);
    cloned->outcome = limit->Await();
  }
  if (cloned->outcome == ExecLimit::Outcome::finished) return true;
  cloned->error = cloned->outcome == ExecLimit::Outcome::timeout ? ETIMEDOUT : ECANCELED;
  ::syscall(SYS_pidfd_send_signal, cloned->pidfd, SIGKILL, nullptr, 0);
  // If the child does not end, it is in a system call that SIGKILL does not interrupt. When that
  // returns, the child ends without another instruction of its own, so its stack may be
  // unmapped. But the kernel then clears the limit's word, so the limit stays armed.
  if (Reap(*cloned)) limit->Disarm();
  // The child's own child uses our memory until its exec, too. It dies with its parent.
  if (plan.sidecar != nullptr && plan.sidecar->limit != nullptr) {
    plan.sidecar->limit->AwaitCleared(std::chrono::seconds(kKillWait.tv_sec));
  }
  return false;
}

/// Reads the error that the child wrote into the shared memory. By now the child runs its program
/// or has ended, so it writes no more.
void TakeFailure(const Child& child, Cloned* cloned) {
  cloned->of_sidecar = child.sidecar.error != 0;
  cloned->of_user_map = child.user_map_failed;
  cloned->outcome = child.sidecar.outcome;
  cloned->error = cloned->of_sidecar ? child.sidecar.error : child.error;
  if (cloned->error != 0) Reap(*cloned);
}

}  // namespace

Cloned CloneExec(const ExecPlan& plan) {
  Cloned cloned;
  const GuardedStack stack;
  if (!stack.made()) {
    cloned.error = errno;
    return cloned;
  }
  Child child{&plan, ::getpid(), ::geteuid(), ::getegid(), 0, false, {}};
  // Two ways to wait until the child no longer uses our memory. CLONE_VFORK blocks us in clone(2),
  // and nothing ends that wait early. With CLONE_CHILD_CLEARTID the limit waits on a futex:
  // exec_limit.h.
  const unsigned long wait = plan.limit != nullptr ? CLONE_CHILD_CLEARTID : CLONE_VFORK;
  const unsigned long flags = CLONE_VM | CLONE_PIDFD | SIGCHLD | wait | plan.namespaces;
  int* const word = plan.limit != nullptr ? plan.limit->Arm() : nullptr;
  const EverySignalBlocked blocked;
  cloned.pid = ::clone(&RunChild, stack.top(), static_cast<int>(flags), &child, &cloned.pidfd,
                       nullptr, word);
  if (cloned.pid < 0) {
    cloned.error = errno;
    if (plan.limit != nullptr) plan.limit->Disarm();
    return cloned;
  }
  if (AwaitExec(plan, blocked, &cloned)) TakeFailure(child, &cloned);
  if (cloned.error != 0) {
    ::close(cloned.pidfd);
    cloned.pidfd = -1;
  }
  return cloned;
}

}  // namespace zlayer::sidecar
