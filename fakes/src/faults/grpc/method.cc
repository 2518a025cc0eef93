#include "fakes/src/faults/grpc/method.h"

#include "zlayer/proto/buildah_sidecar.pb.h"

namespace zlayer::fakes::daemon {

Mistake MethodMistake(const std::string& method) {
  const auto* service = buildah_sidecar::v1::BuildRequest::descriptor()->file()->service(0);
  if (method.empty() || service->FindMethodByName(method) || method == "Check" ||
      method == "Watch") {
    return {};
  }
  return {"method", "must be a method of BuildService, or Check or Watch of grpc.health.v1"};
}

}  // namespace zlayer::fakes::daemon
