#include "scenarios/runner/last_call.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <future>
#include <memory>
#include <utility>

#include "scenarios/runner/verdict.h"
#include "zlayer/proto/buildah_sidecar.grpc.pb.h"

namespace zlayer::scenarios {
namespace {

using buildah_sidecar::v1::BuildService;

/// Everything that a call needs.
struct Call {
  sidecar::LiveSidecar live;
  std::unique_ptr<BuildService::Stub> stub;
  std::unique_ptr<grpc::ClientContext> context;
  buildah_sidecar::v1::HealthRequest request;
  buildah_sidecar::v1::HealthResponse response;
};

/// Nobody but the callback holds anything of the call.
std::future<grpc::Status> Begin(sidecar::LiveSidecar last) {
  auto stub = BuildService::NewStub(last.Channel());
  auto context = last.NewContext();
  auto call =
      std::make_shared<Call>(Call{std::move(last), std::move(stub), std::move(context), {}, {}});
  const auto released = std::make_shared<std::promise<grpc::Status>>();
  auto status = released->get_future();
  Call& parts = *call;
  parts.stub->async()->Health(parts.context.get(), &parts.request, &parts.response,
                              [held = std::move(call), released](const grpc::Status& end) mutable {
                                held.reset();
                                released->set_value(end);
                              });
  return status;
}

}  // namespace

Observation ReleaseInCallback(sidecar::LiveSidecar last) {
  auto status = Begin(std::move(last));
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
