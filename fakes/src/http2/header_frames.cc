#include "fakes/src/http2/header_frames.h"

#include <algorithm>

namespace zlayer::fakes::daemon {
namespace {

/// The frame size that every peer must accept (RFC 9113, 6.5.2).
constexpr size_t kLargestFrame = 16'384;

}  // namespace

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

void EmitBlock(const BlockPlace& place, std::string_view block, FrameOutlet& out) {
  size_t sent = 0;
  do {
    Frame frame{
        .type = static_cast<std::uint8_t>(sent == 0 ? NGHTTP2_HEADERS : NGHTTP2_CONTINUATION),
        .stream = place.stream,
        .payload = std::string(block.substr(sent, kLargestFrame)),
        .due_ns = place.due_ns};
    if (sent == 0 && place.ends_stream) frame.flags |= NGHTTP2_FLAG_END_STREAM;
    sent += frame.payload.size();
    if (sent == block.size()) frame.flags |= NGHTTP2_FLAG_END_HEADERS;
    out.Emit(place.direction, std::move(frame));
  } while (sent < block.size());
}

}  // namespace zlayer::fakes::daemon
