// Fault `http2_ping`: the client's PINGs get no answer, or the client gets a flood of PINGs.

#include "fakes/src/faults/defaults.h"
#include "fakes/src/faults/kinds.h"
#include "fakes/src/http2/frame_fault.h"

namespace zlayer::fakes::daemon {
namespace {

using v1::Http2Ping;

constexpr std::uint32_t kGreatestCount = 1'000'000;
constexpr std::string_view kMark =
    "fake";  // the payload of a PING of the flood: this and its number in four bytes

Reach ReachOf(const v1::Fault& /*fault*/) { return {.in_http2 = true}; }

Mistake Check(const v1::Fault& fault) {
  const Http2Ping& ping = fault.http2_ping();
  if (ping.how() == Http2Ping::HOW_UNSET) {
    return NotSet("how", Http2Ping::How_descriptor());
  }
  if (ping.how() != Http2Ping::FLOOD && ping.count() != 0) {
    return {"count", "only FLOOD has a count"};
  }
  if (ping.count() > kGreatestCount) return {"count", "must be at most 1000000"};
  return {};
}

class NeverAcked : public FrameFault {
 public:
  explicit NeverAcked(TriggerPtr trigger) : trigger_(std::move(trigger)) {}

  void Pass(Direction direction, Frame frame, FrameOutlet& out) override {
    const bool acks = frame.type == NGHTTP2_PING && frame.Has(NGHTTP2_FLAG_ACK);
    if (direction == Direction::up || !acks) return out.Emit(direction, std::move(frame));
    if (!fired_) trigger_->Fired();
    fired_ = true;
  }

 private:
  const TriggerPtr trigger_;
  bool fired_ = false;
};

class PingFlood : public FrameFault {
 public:
  PingFlood(std::uint32_t count, TriggerPtr trigger)
      : count_(count), trigger_(std::move(trigger)) {}

  void Pass(Direction direction, Frame frame, FrameOutlet& out) override {
    // Drop the acknowledgements of the flood: the service has not sent these PINGs.
    if (direction == Direction::up && frame.type == NGHTTP2_PING &&
        frame.payload.starts_with(kMark)) {
      return;
    }
    const bool begins = direction == Direction::down && !begun_;
    const std::int64_t due_ns = frame.due_ns;
    out.Emit(direction, std::move(frame));
    if (begins) Begin(due_ns, out);
  }

 private:
  /// Sends the flood after the service's first frame, which is SETTINGS and must be the first.
  void Begin(std::int64_t due_ns, FrameOutlet& out) {
    begun_ = true;
    trigger_->Fired();
    for (std::uint32_t i = 0; i < count_; ++i) {
      out.Emit(Direction::down, {.type = NGHTTP2_PING,
                                 .payload = std::string(kMark) + BigEndian(i, 4),
                                 .due_ns = due_ns});
    }
  }

  const std::uint32_t count_;
  const TriggerPtr trigger_;
  bool begun_ = false;
};

std::unique_ptr<FrameFault> NewPing(const Http2Ping& ping, const TriggerPtr& trigger) {
  if (ping.how() == Http2Ping::NEVER_ACKED) return std::make_unique<NeverAcked>(trigger);
  return std::make_unique<PingFlood>(ping.count() == 0 ? kDefaultFrameCount : ping.count(),
                                     trigger);
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.connections.http2.push_back(OnChosenConnections(
      trigger, [ping = fault.http2_ping(), trigger] { return NewPing(ping, trigger); }));
}

}  // namespace

const FaultKind kHttp2PingFault = {"http2_ping", "", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
