#include "zlayer/sidecar/call.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include "lifecycle/src/base/forked.h"
#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/connect/grpc_deadline.h"
#include "lifecycle/src/use/request_text.h"

namespace zlayer::sidecar::internal {

Result<void> CheckedCall(const LiveSidecar& live, const google::protobuf::Message& request,
                         const CallOptions& options, std::stop_token stop, const CallStub& call) {
  if (InForkedChild()) return tl::unexpected(ForkedChildError());
  if (stop.stop_requested()) return Fail(ErrorKind::cancelled, "cancelled before the call");
  if (auto checked = CheckRequestText(request); !checked) return checked;
  const auto timeout = options.timeout.value_or(live.rpc_timeout());
  // gRPC makes a call whose deadline is just now, and the daemon may answer it.
  if (timeout <= timeout.zero()) {
    return Fail(ErrorKind::rpc_timeout, "the call was not made: its limit is {} ms",
                timeout.count());
  }
  grpc::ClientContext context;
  context.set_deadline(GrpcDeadline(DeadlineIn(timeout)));
  grpc::Status status;
  {
    // TryCancel may come from any thread, and also before the call has begun.
    const std::stop_callback on_stop(stop, [&context] { context.TryCancel(); });
    status = call(live.Channel(), &context);
  }
  if (status.ok()) return {};
  if (status.error_code() == grpc::StatusCode::CANCELLED && stop.stop_requested()) {
    return Fail(ErrorKind::cancelled, "the call was cancelled");
  }
  LifecycleError error = live.Explain(status);
  if (error.kind == ErrorKind::rpc_timeout) {
    error.message = fmt::format("the call to the sidecar at {} did not end within {} ms",
                                live.address(), timeout.count());
  }
  return tl::unexpected(std::move(error));
}

}  // namespace zlayer::sidecar::internal
