// Fault `http2_frame`: a frame of the answer breaks a rule of HTTP/2, or is unusual but allowed.

#include <algorithm>

#include "fakes/src/faults/grpc/method.h"
#include "fakes/src/faults/kinds.h"
#include "fakes/src/http2/rpc_fault.h"

namespace zlayer::fakes::daemon {
namespace {

using v1::Http2Frame;

constexpr std::uint32_t kGreatestStream = 0x7fffffff;
constexpr std::uint32_t kLargestFrame =
    0xffffff;  // the greatest length that a frame header can hold
constexpr size_t kPadding = 255;
constexpr std::uint8_t kUnknownType = 0xfe;

Reach ReachOf(const v1::Fault& /*fault*/) { return {.in_http2 = true}; }

Mistake Check(const v1::Fault& fault) {
  const Http2Frame& frame = fault.http2_frame();
  if (frame.defect() == Http2Frame::DEFECT_UNSET) {
    return NotSet("defect", Http2Frame::Defect_descriptor());
  }
  if (frame.defect() != Http2Frame::WRONG_STREAM && frame.stream_id() != 0) {
    return {"stream_id", "only WRONG_STREAM has a stream"};
  }
  if (frame.stream_id() > kGreatestStream) return {"stream_id", "must be at most 2147483647"};
  return MethodMistake(frame.method());
}

/// The last SETTINGS_MAX_FRAME_SIZE in the payload of a SETTINGS frame; 0 when there is none.
std::uint32_t MaxFrameSize(std::string_view settings) {
  std::uint32_t size = 0;
  for (; settings.size() >= 6; settings.remove_prefix(6)) {
    if (FromBigEndian(settings.substr(0, 2)) == NGHTTP2_SETTINGS_MAX_FRAME_SIZE) {
      size = FromBigEndian(settings.substr(2, 4));
    }
  }
  return size;
}

/// Changes the first DATA frame of an answer.
class DamagedFrame : public RpcFault {
 public:
  DamagedFrame(const Http2Frame& what, const TriggerPtr& trigger)
      : RpcFault(trigger, what.method()), what_(what) {}

  bool MayLeave() const override { return RpcFault::MayLeave() && owed_.empty(); }

 protected:
  void ChangeData(Frame frame, FrameOutlet& out) override {
    Release(frame.stream);
    if (what_.defect() == Http2Frame::OVERSIZE && max_frame_size_ >= kLargestFrame) {
      return out.Emit(Direction::down, std::move(frame));  // no frame is too large for this client
    }
    Fire();
    Frame before = Before(frame);
    if (before.type != NGHTTP2_DATA) out.Emit(Direction::down, std::move(before));
    Damage(frame);
    out.Emit(Direction::down, std::move(frame));
  }

  bool PassesUp(Frame& frame, FrameOutlet& /*out*/) override {
    if (frame.type == NGHTTP2_SETTINGS) {
      max_frame_size_ = std::max(max_frame_size_, MaxFrameSize(frame.payload));
    }
    return frame.type != NGHTTP2_WINDOW_UPDATE || TakeOffPadding(frame);
  }

 private:
  /// The frame to send before `frame`. A frame of type DATA (the default) means none.
  Frame Before(const Frame& frame) const {
    if (what_.defect() == Http2Frame::WRONG_SIZE) {
      return {.type = NGHTTP2_PING, .payload = std::string(7, '\0'), .due_ns = frame.due_ns};
    }
    if (what_.defect() == Http2Frame::UNKNOWN_TYPE) {
      return {.type = kUnknownType,
              .flags = 0xff,
              .stream = frame.stream,
              .payload = "unknown",
              .due_ns = frame.due_ns};
    }
    return {};
  }

  void Damage(Frame& frame) {
    switch (what_.defect()) {
      case Http2Frame::WRONG_STREAM:
        frame.stream = what_.stream_id();
        break;
      case Http2Frame::WRONG_LENGTH:
        frame.length_error = 1;
        break;
      case Http2Frame::OVERSIZE:
        frame.payload.resize(max_frame_size_ + 1);
        break;
      case Http2Frame::PADDED:
        owed_[0] += 1 + kPadding;
        owed_[frame.stream] += 1 + kPadding;
        frame.flags |= NGHTTP2_FLAG_PADDED;
        frame.payload =
            BigEndian(kPadding, 1) + std::move(frame.payload) + std::string(kPadding, '\0');
        break;
      default:
        break;
    }
  }

  /// Padding counts against the client's flow-control windows, but the service has not sent it. So
  /// the bytes of padding are taken off the client's WINDOW_UPDATEs before these reach the service.
  /// Returns false when nothing is left of this WINDOW_UPDATE.
  bool TakeOffPadding(Frame& update) {
    const auto owed = owed_.find(update.stream);
    if (owed == owed_.end()) return true;
    const std::uint32_t size = FromBigEndian(update.payload);
    const std::uint32_t kept = std::min(size, owed->second);
    owed->second -= kept;
    if (owed->second == 0) owed_.erase(owed);
    update.payload = BigEndian(size - kept, 4);
    return size > kept;
  }

  const Http2Frame what_;
  std::uint32_t max_frame_size_ = 16'384;  // the client's; this is HTTP/2's default
  std::map<std::uint32_t, std::uint32_t>
      owed_;  // padding not yet taken off, by stream; 0: the connection
};

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.connections.http2.push_back(OnEveryConnection([frame = fault.http2_frame(), trigger] {
    return std::make_unique<DamagedFrame>(frame, trigger);
  }));
}

}  // namespace

const FaultKind kHttp2FrameFault = {"http2_frame", "", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
