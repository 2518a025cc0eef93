#include "lifecycle/src/spawn/group_launch.h"

#include "lifecycle/src/spawn/exec_failure.h"
#include "lifecycle/src/spawn/group_handle.h"

namespace zlayer::sidecar {

Result<std::unique_ptr<Launch>> GroupLaunch::Begin(const LaunchRequest& request,
                                                   const LaunchLimits& limits, EventLoop* loop) {
  auto pipes = LaunchPipes::Make();
  if (!pipes) return tl::unexpected(std::move(pipes.error()));
  std::unique_ptr<GroupLaunch> launch(new GroupLaunch(request, limits, std::move(*pipes)));
  // The child must be started on the loop's thread: PR_SET_PDEATHSIG sends its signal when the
  // thread that made the child ends. The thread of this start ends with the start; the loop's
  // thread outlives the sidecar (see EventLoop::Hold). The price: the loop serves no other sidecar
  // until the exec is through or its limit ends it.
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
  if (!started_.valid()) return;  // Await has been called, and the caller has the handle
  limit_.Cancel();
  auto started = started_.get();
  if (started) const GroupHandle ends_it(std::move(*started));
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
