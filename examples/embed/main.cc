// Starts the daemon that discovery finds, asks it who it is, and stops it.

#include <grpcpp/grpcpp.h>

#include <iostream>

#include "zlayer/proto/buildah_sidecar.grpc.pb.h"
#include "zlayer/sidecar/sidecar_lifecycle.h"

int main() {
  using namespace zlayer;

  sidecar::SidecarLifecycle lifecycle(sidecar::SidecarConfig{});
  auto live = lifecycle.Ensure();
  if (!live) {
    std::cerr << sidecar::ErrorKindName(live.error().kind) << ": " << live.error().message << '\n';
    return 1;
  }
  auto stub = buildah_sidecar::v1::BuildService::NewStub(live->Channel());
  auto context = live->NewContext();
  buildah_sidecar::v1::InspectResponse answer;
  const grpc::Status status =
      stub->Inspect(context.get(), buildah_sidecar::v1::InspectRequest(), &answer);
  if (!status.ok()) {
    std::cerr << status.error_message() << '\n';
    return 1;
  }
  std::cout << "sidecar " << answer.sidecar_version() << " at " << live->address() << '\n';
}
