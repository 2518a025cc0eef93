#include "lifecycle/src/spawn/child_process.h"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>

#include "lifecycle/src/base/deadline.h"
#include "lifecycle/src/spawn/clone_exec.h"

namespace zlayer::sidecar {
namespace {

/// The null-terminated array of pointers that exec wants. `strings` must outlive it.
std::vector<char*> Pointers(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (const std::string& string : strings) pointers.push_back(const_cast<char*>(string.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

/// What the child of posix_spawn does between fork and exec.
class SpawnSetup {
 public:
  explicit SpawnSetup(const ChildRequest& request) {
    const int count = static_cast<int>(request.descriptors.size());
    ::posix_spawn_file_actions_init(&actions_);
    // In two steps, because the source of one copy may have the number of another copy's target:
    // first to numbers above all sources and targets, then to the targets.
    const int free_fd = std::max(
        count, 1 + *std::max_element(request.descriptors.begin(), request.descriptors.end()));
    for (int i = 0; i < count; ++i) {
      ::posix_spawn_file_actions_adddup2(&actions_, request.descriptors[static_cast<size_t>(i)],
                                         free_fd + i);
    }
    for (int i = 0; i < count; ++i) ::posix_spawn_file_actions_adddup2(&actions_, free_fd + i, i);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, count);
    ::posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    const int group = request.own_session ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP;
    ::posix_spawnattr_setflags(
        &attributes_, static_cast<short>(group | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
  }
  ~SpawnSetup() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

tl::expected<ChildProcess, StartFailure> SpawnPosix(const ChildRequest& request) {
  const SpawnSetup setup(request);
  pid_t pid = -1;
  const int error =
      ::posix_spawn(&pid, request.path.c_str(), setup.actions(), setup.attributes(),
                    Pointers(request.argv).data(), Pointers(request.environment).data());
  if (error != 0) return tl::unexpected(StartFailure{.error = error});
  UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (pidfd) return ChildProcess{pid, std::move(pidfd)};
  // Without a pidfd nobody would notice the child's end, so it must not go on.
  const int open_error = errno;
  ::kill(-pid, SIGKILL);
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  return tl::unexpected(StartFailure{.error = open_error});
}

/// A child that runs on its parent's memory confuses ThreadSanitizer's records of the parent's
/// threads: it then reports races between accesses that a mutex orders.
#ifdef ZLAYER_THREAD_SANITIZER
constexpr bool kMayClone = false;
#else
constexpr bool kMayClone = true;
#endif

/// True when an old kernel (before Linux 5.2) or a filter of system calls refuses clone's flags.
bool CloneIsRefused(const Cloned& cloned) {
  return cloned.pid < 0 &&
         (cloned.error == EINVAL || cloned.error == ENOSYS || cloned.error == EPERM);
}

/// The ExecPlan of a request, with the arrays of pointers that it needs. They are made before the
/// clone, because the child must not allocate. The request must outlive this object.
class Plan {
 public:
  explicit Plan(const ChildRequest& request)
      : argv_(Pointers(request.argv)), environment_(Pointers(request.environment)) {
    plan_.path = request.path.c_str();
    plan_.argv = argv_.data();
    plan_.envp = environment_.data();
    plan_.descriptor_count = std::min(request.descriptors.size(), ExecPlan::kMostDescriptors);
    std::copy_n(request.descriptors.begin(), plan_.descriptor_count, plan_.descriptors);
    plan_.own_session = request.own_session;
    plan_.parent_death_signal = request.parent_death_signal;
    plan_.namespaces = request.namespaces;
    plan_.limit = request.limit;
  }

  /// The child writes the sidecar's pid into `sidecar_pid_`, which so becomes its last argument.
  void AddSidecar(const ExecPlan& sidecar, size_t pid_argument) {
    argv_[pid_argument] = sidecar_pid_;
    argv_[pid_argument + 1] = nullptr;
    plan_.sidecar = &sidecar;
    plan_.sidecar_pid = sidecar_pid_;
  }

  const ExecPlan& plan() const { return plan_; }

 private:
  std::vector<char*> argv_;
  std::vector<char*> environment_;
  char sidecar_pid_[ExecPlan::kPidRoom] = {};
  ExecPlan plan_;
};

Cloned CloneRequest(const ChildRequest& request) {
  Plan child(request);
  if (request.sidecar == nullptr) return CloneExec(child.plan());
  const Plan sidecar(*request.sidecar);
  child.AddSidecar(sidecar.plan(), request.sidecar_pid_argument);
  return CloneExec(child.plan());
}

StartFailure::Step StepOf(const Cloned& cloned) {
  if (cloned.pid < 0) return StartFailure::Step::clone;
  return cloned.of_user_map ? StartFailure::Step::user_map : StartFailure::Step::exec;
}

}  // namespace

tl::expected<ChildProcess, StartFailure> StartChild(const ChildRequest& request) {
  if (!kMayClone && request.namespaces == 0) return SpawnPosix(request);
  const Cloned cloned = CloneRequest(request);
  if (CloneIsRefused(cloned) && request.namespaces == 0) return SpawnPosix(request);
  if (cloned.error != 0) {
    return tl::unexpected(
        StartFailure{cloned.error, cloned.outcome, cloned.of_sidecar, StepOf(cloned)});
  }
  return ChildProcess{cloned.pid, UniqueFd(cloned.pidfd)};
}

bool EndsWithin(int pidfd, std::chrono::milliseconds limit) {
  pollfd watched{pidfd, POLLIN, 0};
  const Deadline deadline = DeadlineIn(limit);
  for (;;) {
    const int ready = ::poll(&watched, 1, MillisecondsUntil(deadline));
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

int WaitForChild(const ChildProcess& child, siginfo_t* info, int options) {
  for (;;) {
    int waited = ::waitid(P_PIDFD, static_cast<id_t>(child.pidfd.get()), info, options);
    if (waited != 0 && errno == EBADF) {
      waited = ::waitid(P_PID, static_cast<id_t>(child.pid), info, options);
    }
    if (waited == 0 || errno != EINTR) return waited;
  }
}

}  // namespace zlayer::sidecar
