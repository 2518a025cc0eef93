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

/// What a child that is killed or has failed has for its end. It takes microseconds, unless a file
/// system holds it, or the last process of its PID namespace.
constexpr timespec kFarewell{1, 0};

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

/// Takes away the child that did not get to its program. False: it does not end.
bool Reap(const Cloned& cloned) {
  pollfd ended{cloned.pidfd, POLLIN, 0};
  timespec left = kFarewell;  // the kernel writes to it
  if (::syscall(SYS_ppoll, &ended, 1, &left, nullptr, kSignalSetSize) <= 0) return false;
  while (::waitid(P_PIDFD, static_cast<id_t>(cloned.pidfd), nullptr, WEXITED) != 0 &&
         errno == EINTR) {
  }
  return true;
}

/// False: the limit has ended the wait, and the child is killed.
bool AwaitExec(ExecLimit* limit, Cloned* cloned) {
  if (limit == nullptr) return true;  // vfork(2) was the wait
  cloned->outcome = limit->Await();
  if (cloned->outcome == ExecLimit::Outcome::through) return true;
  cloned->error = cloned->outcome == ExecLimit::Outcome::timeout ? ETIMEDOUT : ECANCELED;
  ::syscall(SYS_pidfd_send_signal, cloned->pidfd, SIGKILL, nullptr, 0);
  // One that the file system does not let go of takes no step more, when it does, than to clear the
  // limit's word: it may do without its stack.
  if (Reap(*cloned)) limit->Disarm();
  return false;
}

/// What the child left in the memory that was shared.
void TakeFailure(const Child& child, Cloned* cloned) {
  cloned->of_ward = child.ward.error != 0;
  cloned->outcome = child.ward.outcome;
  cloned->error = cloned->of_ward ? child.ward.error : child.error;
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
  Child child{&plan, ::getpid(), ::geteuid(), ::getegid(), 0, {}};
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
  if (AwaitExec(plan.limit, &cloned)) TakeFailure(child, &cloned);
  if (cloned.error != 0) {
    ::close(cloned.pidfd);
    cloned.pidfd = -1;
  }
  return cloned;
}

}  // namespace zlayer::sidecar
