#include "fakes/src/http2/rpc_fault.h"

#include <algorithm>

namespace zlayer::fakes::daemon {
namespace {

/// The frame size that every peer must accept (RFC 9113, 6.5.2).
constexpr size_t kLargestFrame = 16'384;

/// The header block fragment in a HEADERS frame of a client, which may have padding and priority
/// too.
std::string_view FragmentOf(const Frame& headers) {
  std::string_view fragment = headers.payload;
  size_t padding = 0;
  if (headers.Has(NGHTTP2_FLAG_PADDED) && !fragment.empty()) {
    padding = FromBigEndian(fragment.substr(0, 1));
    fragment.remove_prefix(1);
  }
  if (headers.Has(NGHTTP2_FLAG_PRIORITY))
    fragment.remove_prefix(std::min<size_t>(5, fragment.size()));
  fragment.remove_suffix(std::min(padding, fragment.size()));
  return fragment;
}

}  // namespace

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
  if (PassesUp(frame)) out.Emit(Direction::up, std::move(frame));
}

void RpcFault::PassDown(Frame frame, FrameOutlet& out) {
  if (frame.type == NGHTTP2_HEADERS) {
    block_ = std::move(frame);  // gRPC's server sends neither padding nor priority
    if (block_.Has(NGHTTP2_FLAG_END_HEADERS)) EndBlock(out);
  } else if (frame.type == NGHTTP2_CONTINUATION) {
    block_.payload += frame.payload;
    if (frame.Has(NGHTTP2_FLAG_END_HEADERS)) EndBlock(out);
  } else if (frame.type == NGHTTP2_DATA && chosen_.contains(frame.stream)) {
    ChangeData(std::move(frame), out);
  } else {
    if (frame.type == NGHTTP2_RST_STREAM) Release(frame.stream);
    out.Emit(Direction::down, std::move(frame));
  }
}

void RpcFault::EndBlock(FrameOutlet& out) {
  HeaderBlock block{.stream = block_.stream,
                    .ends_stream = block_.Has(NGHTTP2_FLAG_END_STREAM),
                    .headers = decoder_.Decode(block_.payload).value_or(Headers{}),
                    .due_ns = block_.due_ns};
  const auto chosen = chosen_.find(block.stream);
  if (chosen == chosen_.end()) return Emit(block, out);
  block.is_first = !chosen->second.has_begun;
  chosen->second.has_begun = true;
  const bool ends = block.ends_stream;
  const std::uint32_t stream = block.stream;
  ChangeHeaders(std::move(block), out);
  if (ends) Release(stream);
}

void RpcFault::Emit(const HeaderBlock& block, FrameOutlet& out) {
  const std::string bytes = encoder_.Encode(block.headers);
  size_t sent = 0;
  do {
    Frame frame{
        .type = static_cast<std::uint8_t>(sent == 0 ? NGHTTP2_HEADERS : NGHTTP2_CONTINUATION),
        .stream = block.stream,
        .payload = bytes.substr(sent, kLargestFrame),
        .due_ns = block.due_ns};
    if (sent == 0 && block.ends_stream) frame.flags |= NGHTTP2_FLAG_END_STREAM;
    sent += frame.payload.size();
    if (sent == bytes.size()) frame.flags |= NGHTTP2_FLAG_END_HEADERS;
    out.Emit(Direction::down, std::move(frame));
  } while (sent < bytes.size());
}

}  // namespace zlayer::fakes::daemon
