#include "launch.h"

#include "group_launch.h"
#include "keeper_launch.h"

namespace zlayer::sidecar {

Result<std::unique_ptr<Launch>> Launch::Begin(LaunchRequest request, LaunchLimits limits,
                                              EventLoop* loop) {
  return request.containment == Containment::group
             ? GroupLaunch::Begin(std::move(request), std::move(limits), loop)
             : KeeperLaunch::Begin(std::move(request), std::move(limits));
}

}  // namespace zlayer::sidecar
