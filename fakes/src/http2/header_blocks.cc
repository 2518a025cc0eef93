#include "fakes/src/http2/header_blocks.h"

#include <utility>

namespace zlayer::fakes::daemon {
namespace {

/// The frame size that every peer must accept (RFC 9113, 6.5.2).
constexpr size_t kLargestFrame = 16'384;

}  // namespace

std::optional<HeaderBlock> HeaderBlocks::Take(Frame frame) {
  const bool ends = frame.Has(NGHTTP2_FLAG_END_HEADERS);
  if (frame.type == NGHTTP2_HEADERS) {
    block_ = std::move(frame);  // gRPC's server sends neither padding nor priority
  } else {
    block_.payload += frame.payload;
  }
  if (!ends) return {};
  return HeaderBlock{.stream = block_.stream,
                     .ends_stream = block_.Has(NGHTTP2_FLAG_END_STREAM),
                     .headers = decoder_.Decode(block_.payload).value_or(Headers{}),
                     .due_ns = block_.due_ns};
}

void HeaderBlocks::Emit(const HeaderBlock& block, FrameOutlet& out) {
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
