// Makes one unary call on a live sidecar: a Result in place of stub, context, status and Explain.
//
//   #include "zlayer/proto/buildah_sidecar.grpc.pb.h"  // this header does not include gRPC
//   auto about = Call(*live, &BuildService::Stub::Inspect, InspectRequest());
//   if (about) return Show(about->buildah_version());
//   if (about.error().retryable) return Again();  // on a new Ensure(); Inspect changes nothing
//
// Cancel, Health, Push, Tag and the three Manifest RPCs are called the same way. Build, the one RPC
// with a stream, has RunBuild (build.h).

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>

#include "zlayer/sidecar/error.h"
#include "zlayer/sidecar/live_sidecar.h"

namespace google::protobuf {
class Message;
}
namespace grpc {
class ChannelInterface;
}

namespace zlayer::sidecar {

struct CallOptions {
  /// Limit of the call, from now to its answer. 0 or less: nothing is sent, and the call fails with
  /// rpc_timeout. milliseconds::max(): no limit. Default: LifecycleOptions::rpc_timeout.
  std::optional<std::chrono::milliseconds> timeout;
};

namespace internal {

/// Makes the call of a stub that is created on the channel, with the given context.
using CallStub = std::function<grpc::Status(const std::shared_ptr<grpc::ChannelInterface>& channel,
                                            grpc::ClientContext* context)>;

/// What all instances of Call do. `call` runs at most once, on this thread.
Result<void> CheckedCall(const LiveSidecar& live, const google::protobuf::Message& request,
                         const CallOptions& options, std::stop_token stop, const CallStub& call);

}  // namespace internal

/// Calls `method`, a unary RPC of a generated stub, and blocks until it has ended. Returns the
/// response, which the caller owns, or why there is none.
///
/// `stop`: when it is triggered, the call is cancelled and returns at once. The daemon may have
/// done the work all the same.
///
/// Errors:
/// - config_invalid: a text of `request` is not UTF-8. Nothing was sent. The error names the field.
/// - cancelled: `stop` was triggered, before or during the call
/// - rpc_timeout: the call did not end within its limit. The daemon may have done the work.
/// - sidecar_lost, rpc_failed: see LiveSidecar::Explain, which is asked. A retryable call can have
///   taken effect before the sidecar was lost.
///
/// Thread-safety: any thread but those on which gRPC runs callbacks; any number of calls at once.
template <typename Stub, typename Request, typename Response>
Result<Response> Call(const LiveSidecar& live,
                      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                      const std::type_identity_t<Request>& request, const CallOptions& options = {},
                      std::stop_token stop = {}) {
  Response response;
  auto called = internal::CheckedCall(
      live, request, options, std::move(stop),
      [&](const std::shared_ptr<grpc::ChannelInterface>& channel, grpc::ClientContext* context) {
        return (Stub(channel).*method)(context, request, &response);
      });
  if (!called) return tl::unexpected(std::move(called.error()));
  return response;
}

}  // namespace zlayer::sidecar
