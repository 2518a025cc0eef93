// Fault `http2_limit`: SETTINGS with a limit of zero, so that the client cannot send anything.

#include "fakes/src/faults/kinds.h"
#include "fakes/src/http2/frame_fault.h"

namespace zlayer::fakes::daemon {
namespace {

using v1::Http2Limit;

constexpr size_t kEntry = 6;  // one setting: two bytes of identifier, four of value

Reach ReachOf(const v1::Fault& /*fault*/) { return {.in_http2 = true}; }

Mistake Check(const v1::Fault& fault) {
  if (fault.http2_limit().zero() != Http2Limit::ZERO_UNSET) return {};
  return NotSet("zero", Http2Limit::Zero_descriptor());
}

/// The payload of a SETTINGS frame without the setting `name`.
std::string Without(std::uint32_t name, std::string_view settings) {
  std::string kept;
  for (; settings.size() >= kEntry; settings.remove_prefix(kEntry)) {
    if (FromBigEndian(settings.substr(0, 2)) != name) kept += settings.substr(0, kEntry);
  }
  return kept;
}

class ZeroLimit : public FrameFault {
 public:
  ZeroLimit(Http2Limit::Zero zero, TriggerPtr trigger)
      : name_(zero == Http2Limit::WINDOW ? NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE
                                         : NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS),
        trigger_(std::move(trigger)) {}

  void Pass(Direction direction, Frame frame, FrameOutlet& out) override {
    if (direction == Direction::down) {
      if (frame.type == NGHTTP2_SETTINGS && !frame.Has(NGHTTP2_FLAG_ACK)) Change(frame);
      const bool opens = frame.type == NGHTTP2_WINDOW_UPDATE;
      if (opens && name_ == NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE) return;
    }
    out.Emit(direction, std::move(frame));
  }

 private:
  void Change(Frame& settings) {
    settings.payload = Without(name_, settings.payload) + BigEndian(name_, 2) + BigEndian(0, 4);
    if (!fired_) trigger_->Fired();
    fired_ = true;
  }

  const std::uint32_t name_;
  const TriggerPtr trigger_;
  bool fired_ = false;
};

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.connections.http2.push_back(
      OnChosenConnections(trigger, [zero = fault.http2_limit().zero(), trigger] {
        return std::make_unique<ZeroLimit>(zero, trigger);
      }));
}

}  // namespace

const FaultKind kHttp2LimitFault = {"http2_limit", "", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
