// Fault `http2_rst_stream`: resets the stream of an answer.

#include <set>

#include "fakes/src/faults/grpc/method.h"
#include "fakes/src/faults/kinds.h"
#include "fakes/src/http2/rpc_fault.h"

namespace zlayer::fakes::daemon {
namespace {

using v1::Http2RstStream;

Reach ReachOf(const v1::Fault& /*fault*/) { return {.in_http2 = true}; }

Mistake Check(const v1::Fault& fault) {
  if (fault.http2_rst_stream().at() == Http2RstStream::AT_UNSET) {
    return NotSet("at", Http2RstStream::At_descriptor());
  }
  return MethodMistake(fault.http2_rst_stream().method());
}

class RstStream : public RpcFault {
 public:
  RstStream(const Http2RstStream& reset, const TriggerPtr& trigger)
      : RpcFault(trigger, reset.method()), at_(reset.at()), code_(reset.code()) {}

 protected:
  void ChangeHeaders(HeaderBlock block, FrameOutlet& out) override {
    if (cut_.contains(block.stream)) return;
    if (at_ == Http2RstStream::AFTER_HEADERS) {
      block.ends_stream = false;
      Emit(block, out);
      Cut(block.stream, block.due_ns, out);
    } else if (at_ == Http2RstStream::AFTER_DATA && block.ends_stream) {
      Cut(block.stream, block.due_ns, out);
    } else {
      Emit(block, out);
    }
  }

  void ChangeData(Frame frame, FrameOutlet& out) override {
    if (cut_.contains(frame.stream)) return GiveBack(frame.payload.size(), out);
    if (at_ != Http2RstStream::IN_DATA) return out.Emit(Direction::down, std::move(frame));
    const std::uint32_t stream = frame.stream;
    const std::int64_t due_ns = frame.due_ns;
    const size_t kept = frame.payload.size() / 2;
    GiveBack(frame.payload.size() - kept, out);
    frame.payload.resize(kept);
    out.Emit(Direction::down, std::move(frame));
    Cut(stream, due_ns, out);
  }

 private:
  /// Resets the stream on both sides. The service gets RST_STREAM too, so that its handler sees a
  /// cancelled call, as it would if its own HTTP/2 layer had reset the stream.
  void Cut(std::uint32_t stream, std::int64_t due_ns, FrameOutlet& out) {
    Fire();
    cut_.insert(stream);
    out.Emit(Direction::down, NewFrame(stream, code_, due_ns));
    out.Emit(Direction::up, NewFrame(stream, NGHTTP2_CANCEL, due_ns));
  }

  static Frame NewFrame(std::uint32_t stream, std::uint32_t code, std::int64_t due_ns) {
    return {.type = NGHTTP2_RST_STREAM,
            .stream = stream,
            .payload = BigEndian(code, 4),
            .due_ns = due_ns};
  }

  /// Returns bytes that the client never gets to the connection's flow-control window; otherwise
  /// the service would stop sending on the other streams.
  static void GiveBack(size_t size, FrameOutlet& out) {
    if (size == 0) return;
    out.Emit(Direction::up, {.type = NGHTTP2_WINDOW_UPDATE, .payload = BigEndian(size, 4)});
  }

  const Http2RstStream::At at_;
  const std::uint32_t code_;
  std::set<std::uint32_t> cut_;  // streams that were reset
};

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.connections.http2.push_back(OnEveryConnection([reset = fault.http2_rst_stream(), trigger] {
    return std::make_unique<RstStream>(reset, trigger);
  }));
}

}  // namespace

const FaultKind kHttp2RstStreamFault = {"http2_rst_stream", "", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
