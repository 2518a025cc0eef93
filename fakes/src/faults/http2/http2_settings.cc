// Fault `http2_settings`: the client gets no SETTINGS, no acknowledgement of its own, or a flood.
//
// The faults of this folder, http2/, change the frames of a connection between TLS and gRPC. Each
// is a FrameFault (http2/frame_fault.h), or an RpcFault where one occasion is one RPC. A fault that
// adds or drops frames must keep the service's view consistent: it drops the client's replies to
// frames that the service did not send, and returns flow-control bytes that the client never got.

#include "fakes/src/faults/defaults.h"
#include "fakes/src/faults/kinds.h"
#include "fakes/src/http2/frame_fault.h"

namespace zlayer::fakes::daemon {
namespace {

using v1::Http2Settings;

constexpr std::uint32_t kGreatestCount = 1'000'000;

Reach ReachOf(const v1::Fault& /*fault*/) { return {.in_http2 = true}; }

Mistake Check(const v1::Fault& fault) {
  const Http2Settings& settings = fault.http2_settings();
  if (settings.how() == Http2Settings::HOW_UNSET) {
    return NotSet("how", Http2Settings::How_descriptor());
  }
  if (settings.how() != Http2Settings::FLOOD && settings.count() != 0) {
    return {"count", "only FLOOD has a count"};
  }
  if (settings.count() > kGreatestCount) return {"count", "must be at most 1000000"};
  return {};
}

class Settings : public FrameFault {
 public:
  Settings(const Http2Settings& settings, TriggerPtr trigger)
      : how_(settings.how()),
        count_(settings.count() == 0 ? kDefaultFrameCount : settings.count()),
        trigger_(std::move(trigger)) {}

  void Pass(Direction direction, Frame frame, FrameOutlet& out) override {
    if (frame.type != NGHTTP2_SETTINGS) return out.Emit(direction, std::move(frame));
    const bool ack = frame.Has(NGHTTP2_FLAG_ACK);
    if (direction == Direction::up) {
      if (!ack || !AcksFlood()) out.Emit(direction, std::move(frame));
    } else if (Drops(ack)) {
      FireOnce();
    } else {
      const std::int64_t due_ns = frame.due_ns;
      out.Emit(direction, std::move(frame));
      if (how_ == Http2Settings::FLOOD && !ack && !fired_) Flood(due_ns, out);
    }
  }

 private:
  bool Drops(bool ack) const {
    return how_ == (ack ? Http2Settings::NEVER_ACKED : Http2Settings::MISSING);
  }

  /// True when this acknowledgement answers the flood and not the service's own SETTINGS.
  bool AcksFlood() {
    if (unanswered_ == 0) return false;
    --unanswered_;
    return true;
  }

  void Flood(std::int64_t due_ns, FrameOutlet& out) {
    FireOnce();
    unanswered_ = count_;
    for (std::uint32_t i = 0; i < count_; ++i) {
      out.Emit(Direction::down, {.type = NGHTTP2_SETTINGS, .due_ns = due_ns});
    }
  }

  void FireOnce() {
    if (!fired_) trigger_->Fired();
    fired_ = true;
  }

  const Http2Settings::How how_;
  const std::uint32_t count_;
  const TriggerPtr trigger_;
  bool fired_ = false;
  std::uint32_t unanswered_ = 0;  // SETTINGS of the flood that the client has not acknowledged
};

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.connections.http2.push_back(
      OnChosenConnections(trigger, [settings = fault.http2_settings(), trigger] {
        return std::make_unique<Settings>(settings, trigger);
      }));
}

}  // namespace

const FaultKind kHttp2SettingsFault = {"http2_settings", "", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
