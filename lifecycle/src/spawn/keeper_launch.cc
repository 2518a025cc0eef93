#include "lifecycle/src/spawn/keeper_launch.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/spawn/exec_failure.h"
#include "lifecycle/src/spawn/exec_limit.h"
#include "lifecycle/src/spawn/find_keeper.h"
#include "lifecycle/src/spawn/keeper_handle.h"
#include "lifecycle/src/spawn/keeper_protocol.h"
#include "lifecycle/src/text/path_text.h"
#include "lifecycle/src/text/signal_text.h"

namespace zlayer::sidecar {
namespace {

/// How long a keeper may take to end after its socket has closed.
constexpr std::chrono::milliseconds kEndFollowsClose{1'000};

/// The keeper's process ends by itself when the sidecar's exec has reached its limit. If it does
/// not within this time more, it is stopped, or its own exec hangs. Longer than its wait for a
/// sidecar that was killed (1 s, CloneExec).
constexpr std::chrono::milliseconds kKeeperSlack{1'500};

/// The grace as the keeper's argument. So much that nobody waits for its end is enough.
std::string GraceArgument(std::chrono::milliseconds grace) {
  constexpr std::chrono::milliseconds kLongest = std::chrono::hours(24 * 365);
  return std::to_string(std::clamp(grace, std::chrono::milliseconds(0), kLongest).count());
}

/// The arguments and descriptors of keeper_protocol.h. kNotStartedYet stands in the place that gets
/// the sidecar's pid. posix_spawn(3) cannot start the sidecar first, so it passes the arguments as
/// they are here, and the keeper starts the sidecar from the path and the arguments that follow.
ChildRequest KeeperRequest(const std::string& path, std::chrono::milliseconds grace,
                           const ChildRequest& program, std::vector<int> descriptors) {
  ChildRequest keeper;
  keeper.path = path;
  keeper.argv = {path, kKeeperVersion, GraceArgument(grace), kNotStartedYet};
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
  std::unique_ptr<KeeperLaunch> launch(new KeeperLaunch(std::move(*keeper), std::move(request),
                                                        std::move(limits), std::move(*pipes)));
  if (auto started = launch->Start(); !started) {
    return tl::unexpected(std::move(started.error()));
  }
  return launch;
}

KeeperLaunch::~KeeperLaunch() {
  if (link_) link_.End();
}

Result<void> KeeperLaunch::Start() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return Fail(ErrorKind::spawn_failed, "cannot make a socket pair: {}", ErrnoText(errno));
  }
  UniqueFd control(ends[0]);
  const UniqueFd keepers_end(ends[1]);
  const UniqueFd host(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0)));
  if (!host) {
    return Fail(ErrorKind::spawn_failed, "the keeper cannot watch this process: pidfd_open: {}",
                ErrnoText(errno));
  }
  ExecLimit sidecar_limit(limits_.deadline);
  ExecLimit keeper_limit(limits_.deadline, kKeeperSlack);
  const std::stop_callback on_stop(limits_.stop, [&] {
    sidecar_limit.Cancel();
    keeper_limit.Cancel();
  });
  // These are numbers in the keeper's process, which has the pipes as its own stdin, stdout and
  // stderr when it starts the sidecar.
  const ChildRequest program =
      ProgramRequest(request_, {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}, &sidecar_limit);
  ChildRequest keeper = KeeperRequest(
      keeper_path_, request_.grace, program,
      {pipes_.null.get(), pipes_.stdout_write.get(), pipes_.stderr_write.get(), keepers_end.get(),
       host.get(), pipes_.stdout_read.get(), pipes_.stderr_read.get()});
  keeper.limit = &keeper_limit;
  auto started = StartContained(std::move(keeper));
  pipes_.stdout_write.reset();
  pipes_.stderr_write.reset();
  if (!started) return WhyNot(started.error());
  link_ = KeeperLink(std::move(*started), std::move(control));
  return {};
}

tl::unexpected<LifecycleError> KeeperLaunch::WhyNot(const StartFailure& failure) const {
  if (failure.of_sidecar || failure.outcome != ExecLimit::Outcome::finished) {
    return NotStarted(request_.binary, failure);
  }
  if (request_.containment == Containment::pid_namespace &&
      failure.step != StartFailure::Step::exec) {
    return Fail(ErrorKind::spawn_failed, "cannot start {}: cannot make a PID namespace: {}",
                request_.binary, ExplainNamespaceFailure(failure));
  }
  return Fail(ErrorKind::spawn_failed, "cannot start {}: cannot start its keeper {}: {}",
              request_.binary, PathText(keeper_path_),
              ExplainExecFailure(keeper_path_, failure.error));
}

/// Without CAP_SYS_ADMIN the kernel makes a PID namespace only inside a new user namespace, so that
/// is the second try.
tl::expected<ChildProcess, StartFailure> KeeperLaunch::StartContained(ChildRequest keeper) const {
  if (request_.containment != Containment::pid_namespace) return StartChild(keeper);
  keeper.namespaces = CLONE_NEWPID;
  auto started = StartChild(keeper);
  if (started || started.error().step != StartFailure::Step::clone ||
      started.error().error != EPERM) {
    return started;
  }
  keeper.namespaces = CLONE_NEWPID | CLONE_NEWUSER;
  return StartChild(keeper);
}

Result<Launched> KeeperLaunch::Await() {
  auto pid = AwaitStarted();
  if (!pid) return tl::unexpected(std::move(pid.error()));
  return Launched{std::make_unique<KeeperHandle>(*pid, std::move(link_)),
                  std::move(pipes_.stdout_read), std::move(pipes_.stderr_read)};
}

Result<pid_t> KeeperLaunch::AwaitStarted() {
  const std::string& binary = request_.binary;
  const Waited waited = StartWait(limits_.stop, link_.keeper().pidfd.get())
                            .For(link_.control(), POLLIN, limits_.deadline);
  if (waited == Waited::cancelled) {
    return NotStarted(binary, {.outcome = ExecLimit::Outcome::cancelled});
  }
  if (waited == Waited::timeout) {
    return NotStarted(binary, {.outcome = ExecLimit::Outcome::timeout});
  }
  FromKeeper report{};
  if (!link_.TakeReport(&report)) return EndedWithoutReport();
  switch (report.kind) {
    case FromKeeper::started:
      // The reported pid is the keeper's view. In a PID namespace that number means nothing here,
      // so the keeper's own pid is shown instead.
      return request_.containment == Containment::pid_namespace ? link_.keeper().pid : report.value;
    case FromKeeper::not_started:
      return NotStarted(binary, {.error = report.value});
    default:
      return Fail(
          ErrorKind::spawn_failed,
          "cannot start {}: its keeper {} belongs to another version of this library, which "
          "needs version {} of the keeper",
          binary, PathText(keeper_path_), kKeeperVersion);
  }
}

tl::unexpected<LifecycleError> KeeperLaunch::EndedWithoutReport() {
  std::string how = "ended without a report";
  // The socket closes a little before the process's end can be seen.
  if (link_.EndsWithin(kEndFollowsClose)) {
    const KeeperLink ended = std::exchange(link_, {});
    if (const auto signal = ended.Reap()) how = "was killed by " + SignalText(*signal);
  }
  return Fail(ErrorKind::spawn_failed, "cannot start {}: its keeper {} {}", request_.binary,
              PathText(keeper_path_), how);
}

}  // namespace zlayer::sidecar
