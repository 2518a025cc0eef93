#include "launch.h"

#include "group_launch.h"
#include "keeper_launch.h"

namespace zlayer::sidecar {

Result<std::unique_ptr<Launch>> Launch::Prepare(LaunchRequest request) {
  if (request.containment == Containment::group) {
    return std::make_unique<GroupLaunch>(std::move(request));
  }
  return KeeperLaunch::Prepare(std::move(request));
}

}  // namespace zlayer::sidecar
