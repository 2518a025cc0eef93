// Starts the daemon that discovery finds, asks it who it is, and stops it.

#include <iostream>

#include "zlayer/proto/buildah_sidecar.grpc.pb.h"
#include "zlayer/sidecar/call.h"
#include "zlayer/sidecar/sidecar_lifecycle.h"

int main() {
  using namespace zlayer;

  sidecar::SidecarLifecycle lifecycle(sidecar::SidecarConfig{});
  auto live = lifecycle.Ensure();
  if (!live) {
    std::cerr << sidecar::ErrorKindName(live.error().kind) << ": " << live.error().message << '\n';
    return 1;
  }
  auto about = sidecar::Call(*live, &buildah_sidecar::v1::BuildService::Stub::Inspect, {});
  if (!about) {
    std::cerr << about.error().message << '\n';
    return 1;
  }
  std::cout << "sidecar " << about->sidecar_version() << " at " << live->address() << '\n';
}
