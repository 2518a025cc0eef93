// Starts the sidecar as a child of this process, without a keeper: Containment::group.

#pragma once

#include <functional>
#include <future>
#include <stop_token>
#include <string>

#include "lifecycle/src/spawn/child_process.h"
#include "lifecycle/src/spawn/exec_limit.h"
#include "lifecycle/src/spawn/launch.h"
#include "lifecycle/src/spawn/launch_pipes.h"

namespace zlayer::sidecar {

class GroupLaunch : public Launch {
 public:
  static Result<std::unique_ptr<Launch>> Begin(const LaunchRequest& request,
                                               const LaunchLimits& limits, EventLoop* loop);
  ~GroupLaunch() override;

  Result<Launched> Await() override;

 private:
  GroupLaunch(const LaunchRequest& request, const LaunchLimits& limits, LaunchPipes pipes);

  LaunchPipes pipes_;
  ExecLimit limit_;  // ends the exec on the loop's thread when `on_stop_` or the destructor cancels
  const ChildRequest child_;
  /// Set by the loop's thread. Not valid once Await has taken the value.
  std::future<tl::expected<ChildProcess, StartFailure>> started_;
  const std::stop_callback<std::function<void()>> on_stop_;
};

}  // namespace zlayer::sidecar
