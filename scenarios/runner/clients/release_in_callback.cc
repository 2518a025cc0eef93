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

/// What keeps the sidecar: nobody but the callback holds it.
struct Last {
  sidecar::LiveSidecar live;
  std::unique_ptr<BuildService::Stub> stub;
};

/// Outlives the callback. The context holds the channel, too, and gRPC 1.51 aborts when the last of
/// a channel goes on one of its own threads: see zlayer/sidecar/live_sidecar.h.
struct Call {
  std::unique_ptr<grpc::ClientContext> context;
  buildah_sidecar::v1::HealthRequest request;
  buildah_sidecar::v1::HealthResponse response;
};

std::future<grpc::Status> Begin(sidecar::LiveSidecar live, Call* call) {
  call->context = live.NewContext();
  auto stub = BuildService::NewStub(live.Channel());
  auto last = std::make_shared<Last>(Last{std::move(live), std::move(stub)});
  // Shared: whoever waits may be gone before set_value has returned.
  const auto released = std::make_shared<std::promise<grpc::Status>>();
  auto status = released->get_future();
  const Last& parts = *last;
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
    seen.message = "the callback that let go of the last handle has not come back";
  } else if (const grpc::Status end = status.get(); !end.ok()) {
    seen.error = "rpc_failed";
    seen.message = end.error_message();
  }
  return seen;
}

}  // namespace zlayer::scenarios
