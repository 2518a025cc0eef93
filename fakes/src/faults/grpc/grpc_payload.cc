// Fault `grpc_payload`: a whole gRPC message comes, but its bytes are no protobuf message.

#include <algorithm>

#include "fakes/src/faults/grpc/method.h"
#include "fakes/src/faults/kinds.h"
#include "fakes/src/http2/rpc_fault.h"

namespace zlayer::fakes::daemon {
namespace {

using v1::GrpcPayload;

constexpr size_t kPrefix = 5;  // one byte of flags, four of length
/// No message begins or goes on with it: a tag of seven such bytes has too many digits, and a
/// shorter one does not end.
constexpr char kGarbage = '\xff';

Reach ReachOf(const v1::Fault& /*fault*/) { return {.in_http2 = true}; }

Mistake Check(const v1::Fault& fault) { return MethodMistake(fault.grpc_payload().method()); }

/// Overwrites the first message of an answer, and keeps its length: flow control then stays right.
class Garbage : public RpcFault {
 public:
  Garbage(const GrpcPayload& payload, const TriggerPtr& trigger)
      : RpcFault(trigger, payload.method()) {}

 protected:
  void ChangeData(Frame frame, FrameOutlet& out) override {
    Release(frame.stream);
    // gRPC's server writes the prefix and the beginning of a message in one DATA frame, unless the
    // client's window is very small; then the fault does not fire.
    if (frame.payload.size() >= kPrefix) {
      Fire();
      Overwrite(frame.payload);
    }
    out.Emit(Direction::down, std::move(frame));
  }

 private:
  static void Overwrite(std::string& data) {
    const size_t size = FromBigEndian(std::string_view(data).substr(1, 4));
    if (size == 0) {  // an empty message gets one byte
      data.replace(1, 4, BigEndian(1, 4));
      data.insert(kPrefix, 1, kGarbage);
      return;
    }
    const size_t here = std::min(size, data.size() - kPrefix);
    data.replace(kPrefix, here, here, kGarbage);
  }
};

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.connections.http2.push_back(OnEveryConnection([payload = fault.grpc_payload(), trigger] {
    return std::make_unique<Garbage>(payload, trigger);
  }));
}

}  // namespace

const FaultKind kGrpcPayloadFault = {"grpc_payload", "", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
