#include "group_launch.h"

#include <signal.h>

#include <future>

#include "exec_failure.h"
#include "group_custody.h"
#include "launch_pipes.h"
#include "make_error.h"

namespace zlayer::sidecar {

Result<Launched> GroupLaunch::Run(const std::vector<std::string>& arguments, EventLoop* loop,
                                  const std::stop_token&, Deadline) {
  auto pipes = LaunchPipes::Make();
  if (!pipes) return tl::unexpected(std::move(pipes.error()));
  ChildRequest child;
  child.path = request_.binary;
  child.argv = {request_.binary};
  child.argv.insert(child.argv.end(), arguments.begin(), arguments.end());
  child.environment = request_.environment;
  child.descriptors = {pipes->null.get(), pipes->stdout_write.get(), pipes->stderr_write.get()};
  child.parent_death_signal = SIGKILL;
  // On the loop's thread: the signal comes when the thread ends that made the child, and that one
  // stays.
  std::promise<tl::expected<ChildProcess, int>> promise;
  loop->Post([&] { promise.set_value(StartChild(child)); });
  auto started = promise.get_future().get();
  if (!started) {
    return Fail(ErrorKind::spawn_failed, "cannot start {}: {}", request_.binary,
                ExplainExecFailure(request_.binary, started.error()));
  }
  return Launched{std::make_unique<GroupCustody>(std::move(*started)),
                  std::move(pipes->stdout_read), std::move(pipes->stderr_read)};
}

}  // namespace zlayer::sidecar
