// Fault `grpc_message`: the five bytes before a gRPC message (flag and length) are wrong.

#include "fakes/src/faults/grpc/method.h"
#include "fakes/src/faults/kinds.h"
#include "fakes/src/http2/rpc_fault.h"

namespace zlayer::fakes::daemon {
namespace {

using v1::GrpcMessage;

constexpr size_t kPrefix = 5;  // one byte of flags, four of length
constexpr char kCompressed = 1;
constexpr char kReserved = 2;

Reach ReachOf(const v1::Fault& /*fault*/) { return {.in_http2 = true}; }

Mistake Check(const v1::Fault& fault) {
  if (fault.grpc_message().defect() == GrpcMessage::DEFECT_UNSET) {
    return NotSet("defect", GrpcMessage::Defect_descriptor());
  }
  return MethodMistake(fault.grpc_message().method());
}

/// Changes the prefix of the first message of an answer, then lets the rest of the answer pass.
class DamagedMessage : public RpcFault {
 public:
  DamagedMessage(const GrpcMessage& message, const TriggerPtr& trigger)
      : RpcFault(trigger, message.method()), defect_(message.defect()) {}

 protected:
  void ChangeData(Frame frame, FrameOutlet& out) override {
    Release(frame.stream);
    // gRPC's server writes the whole prefix in one DATA frame, unless the client's window is below
    // five bytes; then the fault does not fire.
    if (frame.payload.size() >= kPrefix) {
      Fire();
      Damage(frame.payload);
    }
    out.Emit(Direction::down, std::move(frame));
  }

 private:
  void Damage(std::string& message) const {
    const std::uint32_t length = FromBigEndian(std::string_view(message).substr(1, 4));
    switch (defect_) {
      case GrpcMessage::COMPRESSED:
        message[0] = kCompressed;
        break;
      case GrpcMessage::BAD_FLAG:
        message[0] = kReserved;
        break;
      case GrpcMessage::TOO_LONG:
        message.replace(1, 4, BigEndian(std::uint64_t{length} + 1, 4));
        break;
      default:
        message.replace(1, 4, BigEndian(0xffffffff, 4));
    }
  }

  const GrpcMessage::Defect defect_;
};

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.connections.http2.push_back(OnEveryConnection([message = fault.grpc_message(), trigger] {
    return std::make_unique<DamagedMessage>(message, trigger);
  }));
}

}  // namespace

const FaultKind kGrpcMessageFault = {"grpc_message", "", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
