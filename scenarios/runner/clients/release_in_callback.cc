#include "scenarios/runner/clients/release_in_callback.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <future>
#include <memory>
#include <utility>

#include "scenarios/runner/judge/verdict.h"
#include "zlayer/proto/buildah_sidecar.grpc.pb.h"

namespace zlayer::scenarios {
namespace {

using buildah_sidecar::v1::BuildService;

/// The last references to the sidecar. Only the callback holds them.
struct LastReferences {
  sidecar::LiveSidecar live;
  std::unique_ptr<BuildService::Stub> stub;
};

/// Must outlive the callback. The context holds a reference to the channel, and gRPC 1.51 aborts
/// when the last reference to a channel is released on a thread of gRPC: see
/// zlayer/sidecar/live_sidecar.h.
struct Call {
  std::unique_ptr<grpc::ClientContext> context;
  buildah_sidecar::v1::HealthRequest request;
  buildah_sidecar::v1::HealthResponse response;
};

std::future<grpc::Status> Begin(sidecar::LiveSidecar live, Call* call) {
  call->context = live.NewContext();
  auto stub = BuildService::NewStub(live.Channel());
  auto last = std::make_shared<LastReferences>(LastReferences{std::move(live), std::move(stub)});
  // Shared, because the waiting thread can return, and destroy its future, before set_value
  // returns.
  const auto released = std::make_shared<std::promise<grpc::Status>>();
  auto status = released->get_future();
  const LastReferences& parts = *last;
  parts.stub->async()->Health(call->context.get(), &call->request, &call->response,
                              [held = std::move(last), released](const grpc::Status& end) mutable {
                                held.reset();
                                released->set_value(end);
                              });
  return status;
}

}  // namespace

Observation ReleaseInCallback(sidecar::LiveSidecar last) {
  Call call;
  auto status = Begin(std::move(last), &call);
  Observation seen;
  if (status.wait_for(kStepLimit) != std::future_status::ready) {
    seen.error = "never_released";
    seen.message = "the callback that released the last handle has not returned";
  } else if (const grpc::Status end = status.get(); !end.ok()) {
    seen.error = "rpc_failed";
    seen.message = end.error_message();
  }
  return seen;
}

}  // namespace zlayer::scenarios
