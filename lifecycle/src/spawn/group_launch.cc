#include "lifecycle/src/spawn/group_launch.h"

#include <poll.h>
#include <signal.h>

#include "lifecycle/src/spawn/exec_failure.h"
#include "lifecycle/src/spawn/group_handle.h"

namespace zlayer::sidecar {

Result<std::unique_ptr<Launch>> GroupLaunch::Begin(const LaunchRequest& request,
                                                   const LaunchLimits& limits, EventLoop* loop) {
  auto pipes = LaunchPipes::Make();
  if (!pipes) return tl::unexpected(std::move(pipes.error()));
  std::unique_ptr<GroupLaunch> launch(new GroupLaunch(request, limits, std::move(*pipes)));
  // On the loop's thread: the signal of the parent's death comes when the thread ends that made the
  // child, and that one stays.
  const auto promise = std::make_shared<std::promise<tl::expected<ChildProcess, StartFailure>>>();
  launch->started_ = promise->get_future();
  loop->Post([promise, &child = launch->child_] { promise->set_value(StartChild(child)); });
  return launch;
}

GroupLaunch::GroupLaunch(const LaunchRequest& request, const LaunchLimits& limits,
                         LaunchPipes pipes)
    : pipes_(std::move(pipes)),
      limit_(limits.deadline),
      child_(ProgramRequest(
          request, {pipes_.null.get(), pipes_.stdout_write.get(), pipes_.stderr_write.get()},
          &limit_)),
      on_stop_(limits.stop, [this] { limit_.Cancel(); }) {}

GroupLaunch::~GroupLaunch() {
  if (!started_.valid()) return;
  limit_.Cancel();
  auto started = started_.get();
  if (!started) return;
  GroupHandle handle(std::move(*started));
  handle.SignalGroup(SIGKILL);
  pollfd ended{handle.pidfd(), POLLIN, 0};
  while (::poll(&ended, 1, -1) < 0) {
  }
  handle.Finish();
}

Result<Launched> GroupLaunch::Await() {
  auto started = started_.get();
  pipes_.stdout_write.reset();
  pipes_.stderr_write.reset();
  if (!started) return NotStarted(child_.path, started.error());
  return Launched{std::make_unique<GroupHandle>(std::move(*started)), std::move(pipes_.stdout_read),
                  std::move(pipes_.stderr_read)};
}

}  // namespace zlayer::sidecar
