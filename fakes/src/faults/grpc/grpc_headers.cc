// Fault `grpc_headers`: the response headers are not gRPC's, as when a proxy answers.

#include "fakes/src/faults/grpc/method.h"
#include "fakes/src/faults/kinds.h"
#include "fakes/src/http2/rpc_fault.h"

namespace zlayer::fakes::daemon {
namespace {

using v1::GrpcHeaders;

Reach ReachOf(const v1::Fault& /*fault*/) { return {.in_http2 = true}; }

Mistake Check(const v1::Fault& fault) {
  const GrpcHeaders& headers = fault.grpc_headers();
  if (headers.http_status() == 0 && headers.content_type().empty()) {
    return {"http_status", "neither http_status nor content_type is set"};
  }
  if (headers.http_status() != 0 && (headers.http_status() <= 200 || headers.http_status() > 599)) {
    return {"http_status", "must be 201 to 599"};
  }
  for (const char byte : headers.content_type()) {
    if (byte < ' ' || byte > '~') return {"content_type", "must be printable ASCII"};
  }
  return MethodMistake(headers.method());
}

class ForeignHeaders : public RpcFault {
 public:
  ForeignHeaders(GrpcHeaders headers, const TriggerPtr& trigger)
      : RpcFault(trigger, headers.method()), headers_(std::move(headers)) {}

 protected:
  void ChangeHeaders(HeaderBlock block, FrameOutlet& out) override {
    Fire();
    if (headers_.http_status() != 0) {
      SetHeader(block.headers, ":status", std::to_string(headers_.http_status()));
    }
    if (!headers_.content_type().empty()) {
      SetHeader(block.headers, "content-type", headers_.content_type());
    }
    Emit(block, out);
    Release(block.stream);
  }

 private:
  const GrpcHeaders headers_;
};

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.connections.http2.push_back(OnEveryConnection([headers = fault.grpc_headers(), trigger] {
    return std::make_unique<ForeignHeaders>(headers, trigger);
  }));
}

}  // namespace

const FaultKind kGrpcHeadersFault = {"grpc_headers", "", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
