// Fault `http2_goaway`: sends GOAWAY at a chosen moment.

#include <algorithm>
#include <utility>

#include "fakes/src/faults/kinds.h"
#include "fakes/src/http2/header_blocks.h"

namespace zlayer::fakes::daemon {
namespace {

using v1::Http2Goaway;

constexpr std::uint32_t kGreatestStream = 0x7fffffff;

Reach ReachOf(const v1::Fault& fault) {
  return {.in_http2 = true, .fires_after_ms = fault.http2_goaway().after_ms()};
}

Mistake Check(const v1::Fault& fault) {
  const Http2Goaway& goaway = fault.http2_goaway();
  if (goaway.last_stream_id() > kGreatestStream) {
    return {"last_stream_id", "must be at most 2147483647"};
  }
  if (goaway.after_streams() != 0 && goaway.after_ms() != 0) {
    return {"after_ms", "cannot be set together with after_streams"};
  }
  return {};
}

class Goaway : public FrameFault {
 public:
  Goaway(const Http2Goaway& goaway, TriggerPtr trigger)
      : goaway_(goaway), trigger_(std::move(trigger)) {}

  void Open(std::int64_t now_ns, FrameOutlet& /*out*/) override {
    due_ns_ = now_ns + std::int64_t{goaway_.after_ms()} * 1'000'000;
  }

  void Pass(Direction direction, Frame frame, FrameOutlet& out) override {
    const std::int64_t due_ns = frame.due_ns;
    if (direction == Direction::up) {
      if (frame.type == NGHTTP2_HEADERS && frame.stream > newest_stream_) {
        newest_stream_ = frame.stream;
        // Emit GOAWAY before the request reaches the service, so that it precedes the answer.
        if (++streams_ == goaway_.after_streams()) Owe(due_ns, out);
      }
      return out.Emit(direction, std::move(frame));
    }
    PassDown(std::move(frame), out);
    if (std::exchange(begun_, true)) return;
    if (owed_ || goaway_.after_streams() == 0) {
      out.Emit(Direction::down, NewFrame(std::max(due_ns, due_ns_)));
    }
  }

 private:
  /// Emits GOAWAY, or waits for SETTINGS, which must be the service's first frame.
  void Owe(std::int64_t due_ns, FrameOutlet& out) {
    owed_ = true;
    if (begun_) out.Emit(Direction::down, NewFrame(due_ns));
  }

  bool IsDropped(std::uint32_t stream) const { return gone_ && stream > goaway_.last_stream_id(); }

  /// Encodes header blocks again, because the client never gets those of dropped answers.
  void PassDown(Frame frame, FrameOutlet& out) {
    if (HeaderBlocks::IsPart(frame)) {
      const auto block = blocks_.Take(std::move(frame));
      if (block && !IsDropped(block->stream)) blocks_.Emit(*block, out);
    } else if (!IsDropped(frame.stream)) {
      out.Emit(Direction::down, std::move(frame));
    }
  }

  Frame NewFrame(std::int64_t due_ns) {
    return {.type = NGHTTP2_GOAWAY,
            .payload = BigEndian(goaway_.last_stream_id(), 4) + BigEndian(goaway_.code(), 4),
            .due_ns = due_ns,
            .leaves =
                [this] {
                  gone_ = true;
                  trigger_->Fired();
                },
            .then = goaway_.close() ? Piece::Then::end : Piece::Then::go_on};
  }

  const Http2Goaway goaway_;
  const TriggerPtr trigger_;
  HeaderBlocks blocks_;
  std::int64_t due_ns_ = 0;
  bool owed_ = false;   // after_streams has come
  bool begun_ = false;  // the service has sent something
  bool gone_ = false;   // GOAWAY has been sent to the client
  std::uint32_t newest_stream_ = 0;
  std::uint32_t streams_ = 0;
};

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.connections.http2.push_back(
      OnChosenConnections(trigger, [goaway = fault.http2_goaway(), trigger] {
        return std::make_unique<Goaway>(goaway, trigger);
      }));
}

}  // namespace

const FaultKind kHttp2GoawayFault = {"http2_goaway", "", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
