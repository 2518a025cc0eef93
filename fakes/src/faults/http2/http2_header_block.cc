// Fault `http2_header_block`: the headers of an answer are framed or encoded in a forbidden way.

#include "fakes/src/faults/defaults.h"
#include "fakes/src/faults/grpc/method.h"
#include "fakes/src/faults/kinds.h"
#include "fakes/src/http2/rpc_fault.h"

namespace zlayer::fakes::daemon {
namespace {

using v1::Http2HeaderBlock;

constexpr std::uint32_t kGreatestCount = 1'000'000;
/// An indexed field whose index is zero, which no table has (RFC 7541, 6.1).
constexpr char kIndexZero = '\x80';

Reach ReachOf(const v1::Fault& /*fault*/) { return {.in_http2 = true}; }

Mistake Check(const v1::Fault& fault) {
  const Http2HeaderBlock& block = fault.http2_header_block();
  if (block.defect() == Http2HeaderBlock::DEFECT_UNSET) {
    return NotSet("defect", Http2HeaderBlock::Defect_descriptor());
  }
  if (block.defect() != Http2HeaderBlock::CONTINUATION_FLOOD && block.count() != 0) {
    return {"count", "only CONTINUATION_FLOOD has a count"};
  }
  if (block.count() > kGreatestCount) return {"count", "must be at most 1000000"};
  return MethodMistake(block.method());
}

class DamagedBlock : public RpcFault {
 public:
  DamagedBlock(const Http2HeaderBlock& what, const TriggerPtr& trigger)
      : RpcFault(trigger, what.method()),
        defect_(what.defect()),
        count_(what.count() == 0 ? kDefaultFrameCount : what.count()) {}

 protected:
  void ChangeHeaders(HeaderBlock block, FrameOutlet& out) override {
    Release(block.stream);
    Fire();
    Frame headers = NewFrame(NGHTTP2_HEADERS, block, Encode(block.headers));
    if (block.ends_stream) headers.flags |= NGHTTP2_FLAG_END_STREAM;
    switch (defect_) {
      case Http2HeaderBlock::BAD_INDEX:
        headers.payload += kIndexZero;
        headers.flags |= NGHTTP2_FLAG_END_HEADERS;
        break;
      case Http2HeaderBlock::STRAY_CONTINUATION:
        headers.flags |= NGHTTP2_FLAG_END_HEADERS;
        out.Emit(Direction::down, LastContinuation(block, ""));
        break;
      case Http2HeaderBlock::SPLIT:
        return Split(block, std::move(headers), out);
      default:
        break;
    }
    out.Emit(Direction::down, std::move(headers));
    AddContinuations(block, out);
  }

 private:
  static Frame NewFrame(int type, const HeaderBlock& block, std::string payload) {
    return {.type = static_cast<std::uint8_t>(type),
            .stream = block.stream,
            .payload = std::move(payload),
            .due_ns = block.due_ns};
  }

  static Frame LastContinuation(const HeaderBlock& block, std::string payload) {
    Frame last = NewFrame(NGHTTP2_CONTINUATION, block, std::move(payload));
    last.flags = NGHTTP2_FLAG_END_HEADERS;
    return last;
  }

  void AddContinuations(const HeaderBlock& block, FrameOutlet& out) const {
    if (defect_ == Http2HeaderBlock::FOREIGN_CONTINUATION) {
      Frame foreign = LastContinuation(block, "");
      foreign.stream += 2;
      out.Emit(Direction::down, std::move(foreign));
    }
    if (defect_ != Http2HeaderBlock::CONTINUATION_FLOOD) return;
    for (std::uint32_t i = 0; i < count_; ++i) {
      out.Emit(Direction::down, NewFrame(NGHTTP2_CONTINUATION, block, ""));
    }
    out.Emit(Direction::down, LastContinuation(block, ""));
  }

  /// Splits the block in the middle of a field and adds an empty last frame. HTTP/2 allows both.
  static void Split(const HeaderBlock& block, Frame headers, FrameOutlet& out) {
    const size_t middle = headers.payload.size() / 2;
    std::string rest = headers.payload.substr(middle);
    headers.payload.resize(middle);
    out.Emit(Direction::down, std::move(headers));
    out.Emit(Direction::down, NewFrame(NGHTTP2_CONTINUATION, block, std::move(rest)));
    out.Emit(Direction::down, LastContinuation(block, ""));
  }

  const Http2HeaderBlock::Defect defect_;
  const std::uint32_t count_;
};

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.connections.http2.push_back(OnEveryConnection([block = fault.http2_header_block(), trigger] {
    return std::make_unique<DamagedBlock>(block, trigger);
  }));
}

}  // namespace

const FaultKind kHttp2HeaderBlockFault = {
    "http2_header_block", "", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
