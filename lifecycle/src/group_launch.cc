#include "group_launch.h"

#include <poll.h>
#include <signal.h>

#include "exec_failure.h"
#include "group_custody.h"
#include "make_error.h"

namespace zlayer::sidecar {

Result<std::unique_ptr<Launch>> GroupLaunch::Begin(LaunchRequest request, EventLoop* loop) {
  auto pipes = LaunchPipes::Make();
  if (!pipes) return tl::unexpected(std::move(pipes.error()));
  std::unique_ptr<GroupLaunch> launch(new GroupLaunch(std::move(*pipes)));
  ChildRequest& child = launch->child_;
  child.path = request.binary;
  child.argv = {std::move(request.binary)};
  child.argv.insert(child.argv.end(), request.arguments.begin(), request.arguments.end());
  child.environment = std::move(request.environment);
  child.descriptors = {launch->pipes_.null.get(), launch->pipes_.stdout_write.get(),
                       launch->pipes_.stderr_write.get()};
  child.parent_death_signal = SIGKILL;
  // On the loop's thread: the signal comes when the thread ends that made the child, and that one
  // stays.
  const auto promise = std::make_shared<std::promise<tl::expected<ChildProcess, int>>>();
  launch->started_ = promise->get_future();
  loop->Post([promise, &child] { promise->set_value(StartChild(child)); });
  return launch;
}

GroupLaunch::~GroupLaunch() {
  if (!started_.valid()) return;
  auto started = started_.get();
  if (!started) return;
  GroupCustody custody(std::move(*started));
  custody.SignalGroup(SIGKILL);
  pollfd ended{custody.pidfd(), POLLIN, 0};
  while (::poll(&ended, 1, -1) < 0) {
  }
  custody.Finish();
}

Result<Launched> GroupLaunch::Await(const std::stop_token&, Deadline) {
  auto started = started_.get();
  pipes_.stdout_write.reset();
  pipes_.stderr_write.reset();
  if (!started) {
    return Fail(ErrorKind::spawn_failed, "cannot start {}: {}", child_.path,
                ExplainExecFailure(child_.path, started.error()));
  }
  return Launched{std::make_unique<GroupCustody>(std::move(*started)),
                  std::move(pipes_.stdout_read), std::move(pipes_.stderr_read)};
}

}  // namespace zlayer::sidecar
