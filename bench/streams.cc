#include "streams.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <utility>

#include "zlayer/proto/buildah_sidecar.grpc.pb.h"

namespace zlayer::bench {

using buildah_sidecar::v1::BuildEvent;
using buildah_sidecar::v1::BuildRequest;
using buildah_sidecar::v1::BuildService;

std::string StreamPlan(size_t line, size_t lines) {
  return "build { repeat: " + std::to_string(lines) + " event { log { line: \"" +
         std::string(line, 'x') + "\" } } } build { event { finished { image_id: \"i\" } } }";
}

size_t ReadBuild(const std::shared_ptr<grpc::Channel>& channel) {
  const auto stub = BuildService::NewStub(channel);
  grpc::ClientContext context;
  BuildRequest request;
  request.add_dockerfile_paths("Dockerfile");
  const auto reader = stub->Build(&context, request);
  size_t events = 0;
  BuildEvent event;
  while (reader->Read(&event)) ++events;
  return reader->Finish().ok() ? events : 0;
}

tl::expected<std::unique_ptr<Up>, std::string> Up::Make(const std::string& plan) {
  auto world = World::Make(plan);
  if (!world) return tl::unexpected(std::move(world.error()));
  auto up = std::make_unique<Up>(std::move(*world));
  auto live = up->lifecycle.Ensure();
  if (!live) return tl::unexpected(live.error().message);
  up->live = *live;
  return up;
}

}  // namespace zlayer::bench
