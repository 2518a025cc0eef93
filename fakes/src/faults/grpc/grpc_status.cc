// Fault `grpc_status`: grpc-status is missing, in the wrong place, or has a wrong value.

#include "fakes/src/faults/defaults.h"
#include "fakes/src/faults/grpc/method.h"
#include "fakes/src/faults/kinds.h"
#include "fakes/src/http2/rpc_fault.h"

namespace zlayer::fakes::daemon {
namespace {

using v1::GrpcStatus;

constexpr char kStatus[] = "grpc-status";

Reach ReachOf(const v1::Fault& /*fault*/) { return {.in_http2 = true}; }

Mistake Check(const v1::Fault& fault) {
  const GrpcStatus& status = fault.grpc_status();
  if (status.how() == GrpcStatus::HOW_UNSET) {
    return NotSet("how", GrpcStatus::How_descriptor());
  }
  if (status.how() != GrpcStatus::VALUE && !status.value().empty()) {
    return {"value", "only VALUE has a value"};
  }
  for (const char byte : status.value()) {
    if (byte < ' ' || byte > '~') return {"value", "must be printable ASCII"};
  }
  return MethodMistake(status.method());
}

class WrongStatus : public RpcFault {
 public:
  WrongStatus(const GrpcStatus& status, const TriggerPtr& trigger)
      : RpcFault(trigger, status.method()),
        how_(status.how()),
        value_(status.value().empty() ? kDefaultGrpcStatus : status.value()) {}

 protected:
  void ChangeHeaders(HeaderBlock block, FrameOutlet& out) override {
    // An answer without messages is a single HEADERS frame: its status cannot come too early.
    const bool changes = how_ != GrpcStatus::IN_HEADERS || !block.is_first;
    if (block.ends_stream && changes) {
      Fire();
      ChangeEnd(block);
    } else if (how_ == GrpcStatus::IN_HEADERS && !block.ends_stream) {
      SetHeader(block.headers, kStatus, "0");
    }
    Emit(block, out);
  }

 private:
  void ChangeEnd(HeaderBlock& block) const {
    if (how_ == GrpcStatus::NOT_FINAL) {
      block.ends_stream = false;
    } else if (how_ == GrpcStatus::VALUE) {
      SetHeader(block.headers, kStatus, value_);
    } else {
      EraseHeader(block.headers, kStatus);
      EraseHeader(block.headers, "grpc-message");
    }
  }

  const GrpcStatus::How how_;
  const std::string value_;
};

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.connections.http2.push_back(OnEveryConnection([status = fault.grpc_status(), trigger] {
    return std::make_unique<WrongStatus>(status, trigger);
  }));
}

}  // namespace

const FaultKind kGrpcStatusFault = {"grpc_status", "", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
