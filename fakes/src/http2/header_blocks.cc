#include "fakes/src/http2/header_blocks.h"

#include <utility>

#include "fakes/src/http2/header_frames.h"

namespace zlayer::fakes::daemon {

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
  EmitBlock({.direction = Direction::down,
             .stream = block.stream,
             .ends_stream = block.ends_stream,
             .due_ns = block.due_ns},
            Encode(block.headers), out);
}

}  // namespace zlayer::fakes::daemon
