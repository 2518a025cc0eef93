#include "lifecycle/src/spawn/keeper_launch.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/spawn/exec_failure.h"
#include "lifecycle/src/spawn/exec_limit.h"
#include "lifecycle/src/spawn/find_keeper.h"
#include "lifecycle/src/spawn/keeper_handle.h"
#include "lifecycle/src/spawn/keeper_protocol.h"

namespace zlayer::sidecar {
namespace {

/// How long the destructor waits for the keeper's end, after hanging up and again after SIGKILL.
/// A keeper that runs needs well under a millisecond.
constexpr int kKillWaitMs = 1000;

/// The arguments and descriptors of keeper_protocol.h. kNotStartedYet stands in the place that gets
/// the sidecar's pid. posix_spawn(3) cannot start the sidecar first, so it passes the arguments as
/// they are here, and the keeper starts the sidecar from the path and the arguments that follow.
ChildRequest KeeperRequest(const std::string& path, const ChildRequest& program,
                           std::vector<int> descriptors) {
  ChildRequest keeper;
  keeper.path = path;
  keeper.argv = {path, kKeeperVersion, kNotStartedYet};
  keeper.sidecar_pid_argument = keeper.argv.size() - 1;
  keeper.argv.insert(keeper.argv.end(), program.argv.begin(), program.argv.end());
  keeper.environment = program.environment;
  keeper.own_session = true;
  keeper.descriptors = std::move(descriptors);
  keeper.sidecar = &program;
  return keeper;
}

}  // namespace

Result<std::unique_ptr<Launch>> KeeperLaunch::Begin(LaunchRequest request, LaunchLimits limits) {
  auto keeper = FindKeeper(request.keeper_path);
  if (!keeper) return tl::unexpected(std::move(keeper.error()));
  auto pipes = LaunchPipes::Make();
  if (!pipes) return tl::unexpected(std::move(pipes.error()));
  std::unique_ptr<KeeperLaunch> launch(
      new KeeperLaunch(std::move(request), std::move(limits), std::move(*pipes)));
  if (auto started = launch->Start(*keeper); !started) {
    return tl::unexpected(std::move(started.error()));
  }
  return launch;
}

KeeperLaunch::~KeeperLaunch() {
  if (!keeper_.pidfd) return;
  // The keeper reads this as our death. A close would not be enough: a child that another thread
  // has forked may hold a copy of the descriptor.
  ::shutdown(control_.get(), SHUT_RDWR);
  if (!KeeperEndsInTime()) {
    ::syscall(SYS_pidfd_send_signal, keeper_.pidfd.get(), SIGKILL, nullptr, 0);
    // A keeper that is the init of a PID namespace ends after the last process in it, and a file
    // system that does not answer can hold that process. Leave it: the kernel has killed it.
    if (!KeeperEndsInTime()) return;
  }
  ::waitid(P_PIDFD, static_cast<id_t>(keeper_.pidfd.get()), nullptr, WEXITED);
}

bool KeeperLaunch::KeeperEndsInTime() const {
  pollfd ended{keeper_.pidfd.get(), POLLIN, 0};
  return ::poll(&ended, 1, kKillWaitMs) > 0;
}

Result<void> KeeperLaunch::Start(const std::string& keeper_path) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return Fail(ErrorKind::spawn_failed, "cannot make a socket pair: {}", ErrnoText(errno));
  }
  control_.reset(ends[0]);
  const UniqueFd keepers_end(ends[1]);
  const UniqueFd host(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0)));
  if (!host) {
    return Fail(ErrorKind::spawn_failed, "the keeper cannot watch this process: pidfd_open: {}",
                ErrnoText(errno));
  }
  ExecLimit limit(limits_.deadline);
  const std::stop_callback on_stop(limits_.stop, [&limit] { limit.Cancel(); });
  // These are numbers in the keeper's process, which has the pipes as its own stdin, stdout and
  // stderr when it starts the sidecar. The limit bounds the sidecar's exec only.
  const ChildRequest program =
      ProgramRequest(request_, {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}, &limit);
  auto started =
      StartContained(KeeperRequest(keeper_path, program,
                                   {pipes_.null.get(), pipes_.stdout_write.get(),
                                    pipes_.stderr_write.get(), keepers_end.get(), host.get()}));
  pipes_.stdout_write.reset();
  pipes_.stderr_write.reset();
  if (started) {
    keeper_ = std::move(*started);
    return {};
  }
  const StartFailure& failure = started.error();
  if (failure.of_sidecar) return NotStarted(request_.binary, failure);
  if (IsRefusedNamespace(failure)) {
    return Fail(
        ErrorKind::spawn_failed,
        "cannot make a PID namespace: {}; Containment::pid_namespace needs CAP_SYS_ADMIN or "
        "unprivileged user namespaces",
        ErrnoText(EPERM));
  }
  return Fail(ErrorKind::spawn_failed, "cannot start {}: cannot start its keeper {}: {}",
              request_.binary, keeper_path, ExplainExecFailure(keeper_path, failure.error));
}

bool KeeperLaunch::IsRefusedNamespace(const StartFailure& failure) const {
  return request_.containment == Containment::pid_namespace && failure.no_child &&
         failure.error == EPERM;
}

/// Without CAP_SYS_ADMIN the kernel makes a PID namespace only inside a new user namespace, so that
/// is the second try.
tl::expected<ChildProcess, StartFailure> KeeperLaunch::StartContained(ChildRequest keeper) const {
  if (request_.containment != Containment::pid_namespace) return StartChild(keeper);
  keeper.namespaces = CLONE_NEWPID;
  auto started = StartChild(keeper);
  if (started || !IsRefusedNamespace(started.error())) return started;
  keeper.namespaces = CLONE_NEWPID | CLONE_NEWUSER;
  return StartChild(keeper);
}

Result<Launched> KeeperLaunch::Await() {
  auto pid = AwaitStarted();
  if (!pid) return tl::unexpected(std::move(pid.error()));
  return Launched{std::make_unique<KeeperHandle>(*pid, std::move(keeper_), std::move(control_)),
                  std::move(pipes_.stdout_read), std::move(pipes_.stderr_read)};
}

Result<pid_t> KeeperLaunch::AwaitStarted() const {
  const std::string& binary = request_.binary;
  const Waited waited =
      StartWait(limits_.stop, keeper_.pidfd.get()).For(control_.get(), POLLIN, limits_.deadline);
  if (waited == Waited::cancelled) {
    return NotStarted(binary, {.outcome = ExecLimit::Outcome::cancelled});
  }
  if (waited == Waited::timeout) {
    return NotStarted(binary, {.outcome = ExecLimit::Outcome::timeout});
  }
  FromKeeper report{};
  if (!Receive(control_.get(), &report)) {
    return Fail(ErrorKind::spawn_failed, "cannot start {}: its keeper ended without a report",
                binary);
  }
  switch (report.kind) {
    case FromKeeper::started:
      // The reported pid is the keeper's view. In a PID namespace that number means nothing here,
      // so the keeper's own pid is shown instead.
      return request_.containment == Containment::pid_namespace ? keeper_.pid : report.value;
    case FromKeeper::not_started:
      return NotStarted(binary, {.error = report.value});
    default:
      return Fail(ErrorKind::spawn_failed,
                  "cannot start {}: its keeper belongs to another version of this library", binary);
  }
}

}  // namespace zlayer::sidecar
