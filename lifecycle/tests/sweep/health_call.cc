#include "lifecycle/tests/sweep/health_call.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include "zlayer/proto/buildah_sidecar.grpc.pb.h"

namespace zlayer::sidecar {

using buildah_sidecar::v1::BuildService;

std::optional<LifecycleError> CallHealth(const LiveSidecar& live) {
  const auto stub = BuildService::NewStub(live.Channel());
  const auto context = live.NewContext();
  buildah_sidecar::v1::HealthResponse response;
  const grpc::Status status = stub->Health(context.get(), {}, &response);
  if (status.ok()) return std::nullopt;
  return live.Explain(status);
}

}  // namespace zlayer::sidecar
