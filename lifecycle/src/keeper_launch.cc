#include "keeper_launch.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>

#include "exec_failure.h"
#include "find_keeper.h"
#include "keeper_custody.h"
#include "keeper_protocol.h"
#include "make_error.h"

namespace zlayer::sidecar {
namespace {

/// What a keeper that is told to end has for it before it is killed; it takes well under a
/// millisecond.
constexpr int kFarewellMs = 1000;

std::string StartOrder(const std::string& binary, const std::vector<std::string>& arguments) {
  const ToKeeper header{ToKeeper::start, static_cast<std::int32_t>(arguments.size()) + 1};
  std::string order(reinterpret_cast<const char*>(&header), sizeof header);
  order.append(binary).push_back('\0');
  for (const std::string& argument : arguments) order.append(argument).push_back('\0');
  return order;
}

}  // namespace

Result<std::unique_ptr<Launch>> KeeperLaunch::Begin(LaunchRequest request) {
  auto keeper = FindKeeper(request.keeper_path);
  if (!keeper) return tl::unexpected(std::move(keeper.error()));
  auto pipes = LaunchPipes::Make();
  if (!pipes) return tl::unexpected(std::move(pipes.error()));
  std::unique_ptr<KeeperLaunch> launch(new KeeperLaunch(std::move(request), std::move(*pipes)));
  if (auto started = launch->StartKeeper(*keeper); !started) {
    return tl::unexpected(std::move(started.error()));
  }
  if (auto ordered = launch->OrderStart(); !ordered) {
    return tl::unexpected(std::move(ordered.error()));
  }
  return launch;
}

KeeperLaunch::~KeeperLaunch() {
  if (!keeper_.pidfd) return;
  control_.reset();
  pollfd ended{keeper_.pidfd.get(), POLLIN, 0};
  if (::poll(&ended, 1, kFarewellMs) <= 0) {
    ::syscall(SYS_pidfd_send_signal, keeper_.pidfd.get(), SIGKILL, nullptr, 0);
  }
  ::waitid(P_PIDFD, static_cast<id_t>(keeper_.pidfd.get()), nullptr, WEXITED);
}

Result<void> KeeperLaunch::StartKeeper(const std::string& path) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return Fail(ErrorKind::spawn_failed, "cannot make a socket pair: {}", ErrnoText(errno));
  }
  control_.reset(ends[0]);
  const UniqueFd keepers_end(ends[1]);
  const UniqueFd host(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0)));
  if (!host) {
    return Fail(ErrorKind::spawn_failed, "cannot be watched by a keeper: pidfd_open: {}",
                ErrnoText(errno));
  }
  ChildRequest keeper;
  keeper.path = path;
  keeper.argv = {path, kKeeperVersion};
  keeper.environment = request_.environment;
  keeper.own_session = true;
  keeper.descriptors = {pipes_.null.get(), pipes_.stdout_write.get(), pipes_.stderr_write.get(),
                        keepers_end.get(), host.get()};
  auto started = StartContained(keeper);
  pipes_.stdout_write.reset();
  pipes_.stderr_write.reset();
  if (started) {
    keeper_ = std::move(*started);
    return {};
  }
  if (request_.containment == Containment::pid_namespace && started.error() == EPERM) {
    return Fail(
        ErrorKind::spawn_failed,
        "cannot make a PID namespace: {}; Containment::pid_namespace needs CAP_SYS_ADMIN or "
        "unprivileged user namespaces",
        ErrnoText(EPERM));
  }
  return Fail(ErrorKind::spawn_failed, "cannot start {}, to be guarded by {}: {}", request_.binary,
              path, ExplainExecFailure(path, started.error()));
}

/// A PID namespace is made in a user namespace where we may not make one as we are.
tl::expected<ChildProcess, int> KeeperLaunch::StartContained(const ChildRequest& keeper) const {
  if (request_.containment != Containment::pid_namespace) return StartChild(keeper);
  ChildRequest contained = keeper;
  contained.namespaces = CLONE_NEWPID;
  auto started = StartChild(contained);
  if (started || started.error() != EPERM) return started;
  contained.namespaces = CLONE_NEWPID | CLONE_NEWUSER;
  return StartChild(contained);
}

Result<void> KeeperLaunch::OrderStart() const {
  const std::string order = StartOrder(request_.binary, request_.arguments);
  if (order.size() > kLongestOrder || request_.arguments.size() >= kMostArguments) {
    return Fail(ErrorKind::spawn_failed, "cannot start {}: {} bytes of arguments are too long",
                request_.binary, order.size());
  }
  // It fails only when the keeper is gone, which is noticed by Await.
  ::send(control_.get(), order.data(), order.size(), MSG_NOSIGNAL);
  return {};
}

Result<Launched> KeeperLaunch::Await(const std::stop_token& stop, Deadline deadline) {
  auto pid = AwaitStarted(stop, deadline);
  if (!pid) return tl::unexpected(std::move(pid.error()));
  return Launched{std::make_unique<KeeperCustody>(*pid, std::move(keeper_), std::move(control_)),
                  std::move(pipes_.stdout_read), std::move(pipes_.stderr_read)};
}

Result<pid_t> KeeperLaunch::AwaitStarted(const std::stop_token& stop, Deadline deadline) const {
  const std::string& binary = request_.binary;
  const Waited waited = StartWait(stop, keeper_.pidfd.get()).For(control_.get(), POLLIN, deadline);
  if (waited == Waited::cancelled) {
    return Fail(ErrorKind::cancelled, "cancelled while {} was being started", binary);
  }
  if (waited == Waited::timeout) {
    return Fail(ErrorKind::handshake_timeout, "{} could not be executed in time", binary);
  }
  FromKeeper report{};
  if (!Receive(control_.get(), &report)) {
    return Fail(ErrorKind::spawn_failed, "cannot start {}: its keeper was killed", binary);
  }
  switch (report.kind) {
    case FromKeeper::started:
      // In a PID namespace of its own the program has no number that means anything here.
      return request_.containment == Containment::pid_namespace ? keeper_.pid : report.value;
    case FromKeeper::not_started:
      return Fail(ErrorKind::spawn_failed, "cannot start {}: {}", binary,
                  ExplainExecFailure(binary, report.value));
    default:
      return Fail(ErrorKind::spawn_failed,
                  "cannot start {}: its keeper is of another version of this library", binary);
  }
}

}  // namespace zlayer::sidecar
