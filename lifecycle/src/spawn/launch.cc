#include "lifecycle/src/spawn/launch.h"

#include <signal.h>

#include "lifecycle/src/spawn/group_launch.h"
#include "lifecycle/src/spawn/keeper_launch.h"

namespace zlayer::sidecar {

ChildRequest ProgramRequest(const LaunchRequest& request, std::vector<int> descriptors,
                            ExecLimit* limit) {
  ChildRequest program;
  program.path = request.binary;
  program.argv = {request.binary};
  program.argv.insert(program.argv.end(), request.arguments.begin(), request.arguments.end());
  program.environment = request.environment;
  program.descriptors = std::move(descriptors);
  program.parent_death_signal = SIGKILL;
  program.limit = limit;
  return program;
}

Result<std::unique_ptr<Launch>> Launch::Begin(LaunchRequest request, LaunchLimits limits,
                                              EventLoop* loop) {
  return request.containment == Containment::group
             ? GroupLaunch::Begin(request, limits, loop)
             : KeeperLaunch::Begin(std::move(request), std::move(limits));
}

}  // namespace zlayer::sidecar
