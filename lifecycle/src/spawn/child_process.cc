#include "lifecycle/src/spawn/child_process.h"

#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>

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
    // Through numbers that are nobody's source or target: a source may have the number of another's
    // target.
    const int away = std::max(
        count, 1 + *std::max_element(request.descriptors.begin(), request.descriptors.end()));
    for (int i = 0; i < count; ++i) {
      ::posix_spawn_file_actions_adddup2(&actions_, request.descriptors[static_cast<size_t>(i)],
                                         away + i);
    }
    for (int i = 0; i < count; ++i) ::posix_spawn_file_actions_adddup2(&actions_, away + i, i);
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
  // A child that cannot be watched must not be left.
  const int open_error = errno;
  ::kill(-pid, SIGKILL);
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  return tl::unexpected(StartFailure{.error = open_error});
}

/// A child on the memory of its parent confuses ThreadSanitizer's account of the parent's threads:
/// it then reports races between steps that a mutex orders.
#ifdef ZLAYER_THREAD_SANITIZER
constexpr bool kMayClone = false;
#else
constexpr bool kMayClone = true;
#endif

/// An old kernel, or a filter of system calls that does not know these flags.
bool CloneIsRefused(const Cloned& cloned) {
  return cloned.pid < 0 &&
         (cloned.error == EINVAL || cloned.error == ENOSYS || cloned.error == EPERM);
}

/// A request as CloneExec wants it. The request must outlive it.
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

  void GiveWard(const ExecPlan& ward, size_t pid_argument) {
    argv_[pid_argument] = ward_pid_;
    argv_[pid_argument + 1] = nullptr;
    plan_.ward = &ward;
    plan_.ward_pid = ward_pid_;
  }

  const ExecPlan& plan() const { return plan_; }

 private:
  std::vector<char*> argv_;
  std::vector<char*> environment_;
  char ward_pid_[ExecPlan::kPidRoom] = {};
  ExecPlan plan_;
};

Cloned CloneRequest(const ChildRequest& request) {
  Plan child(request);
  if (request.ward == nullptr) return CloneExec(child.plan());
  const Plan ward(*request.ward);
  child.GiveWard(ward.plan(), request.ward_argument);
  return CloneExec(child.plan());
}

}  // namespace

tl::expected<ChildProcess, StartFailure> StartChild(const ChildRequest& request) {
  if (!kMayClone && request.namespaces == 0) return SpawnPosix(request);
  const Cloned cloned = CloneRequest(request);
  if (CloneIsRefused(cloned) && request.namespaces == 0) return SpawnPosix(request);
  if (cloned.error != 0) {
    return tl::unexpected(
        StartFailure{cloned.error, cloned.outcome, cloned.of_ward, cloned.pid < 0});
  }
  return ChildProcess{cloned.pid, UniqueFd(cloned.pidfd)};
}

}  // namespace zlayer::sidecar
