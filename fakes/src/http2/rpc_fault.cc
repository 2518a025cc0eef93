#include "fakes/src/http2/rpc_fault.h"

#include <algorithm>

#include "fakes/src/http2/header_frames.h"

namespace zlayer::fakes::daemon {

void RpcFault::Pass(Direction direction, Frame frame, FrameOutlet& out) {
  direction == Direction::up ? PassUp(std::move(frame), out) : PassDown(std::move(frame), out);
}

/// Without a method, a new stream's first HEADERS is the occasion. With a method, the frame that
/// ends a request's headers is, because only then `:path` is known.
bool RpcFault::IsOccasion(const Frame& frame) {
  const bool begins = frame.type == NGHTTP2_HEADERS;
  if (!begins && frame.type != NGHTTP2_CONTINUATION) return false;
  const bool is_new = frame.stream > newest_stream_;
  if (method_.empty()) {
    newest_stream_ = std::max(newest_stream_, frame.stream);
    return is_new;
  }
  if (begins) request_.clear();
  request_ += begins ? FragmentOf(frame) : std::string_view(frame.payload);
  if (!frame.Has(NGHTTP2_FLAG_END_HEADERS)) return false;
  Headers headers = request_decoder_.Decode(request_).value_or(Headers{});
  const std::string* path = FindHeader(headers, ":path");  // trailers have none
  return path && path->ends_with("/" + method_);
}

void RpcFault::PassUp(Frame frame, FrameOutlet& out) {
  if (IsOccasion(frame) && trigger_->Take(std::uint64_t{connection()} << 32 | frame.stream)) {
    chosen_[frame.stream] = {};
    Chosen(frame.stream);
  }
  if (PassesUp(frame, out)) out.Emit(Direction::up, std::move(frame));
}

void RpcFault::PassDown(Frame frame, FrameOutlet& out) {
  if (HeaderBlocks::IsPart(frame)) {
    if (auto block = blocks_.Take(std::move(frame))) PassBlock(std::move(*block), out);
  } else if (frame.type == NGHTTP2_DATA && chosen_.contains(frame.stream)) {
    ChangeData(std::move(frame), out);
  } else {
    if (frame.type == NGHTTP2_RST_STREAM) Release(frame.stream);
    out.Emit(Direction::down, std::move(frame));
  }
}

void RpcFault::PassBlock(HeaderBlock block, FrameOutlet& out) {
  const auto chosen = chosen_.find(block.stream);
  if (chosen == chosen_.end()) return Emit(block, out);
  block.is_first = !chosen->second.has_begun;
  chosen->second.has_begun = true;
  const bool ends = block.ends_stream;
  const std::uint32_t stream = block.stream;
  ChangeHeaders(std::move(block), out);
  if (ends) Release(stream);
}

}  // namespace zlayer::fakes::daemon
