#include "fakes/src/http2/stateless_headers.h"

#include <utility>

#include "fakes/src/http2/header_frames.h"

namespace zlayer::fakes::daemon {
namespace {

/// Of a block that has not ended; no honest peer has one of this size.
constexpr size_t kLargestBlock = 1 << 20;
constexpr size_t kMostFrames = 256;

}  // namespace

bool StatelessHeaders::Collects(const Frame& frame) const {
  if (open_.empty()) return frame.type == NGHTTP2_HEADERS;
  return frame.type == NGHTTP2_CONTINUATION && frame.stream == open_.front().stream &&
         open_.size() < kMostFrames && block_.size() < kLargestBlock;
}

void StatelessHeaders::Pass(Frame frame, FrameOutlet& out) {
  if (!has_given_up_ && !open_.empty() && !Collects(frame)) GiveUp(out);
  if (has_given_up_ || !Collects(frame)) return out.Emit(direction_, std::move(frame));
  block_ += open_.empty() ? FragmentOf(frame) : std::string_view(frame.payload);
  const bool ends = frame.Has(NGHTTP2_FLAG_END_HEADERS);
  open_.push_back(std::move(frame));
  if (ends) EndBlock(out);
}

void StatelessHeaders::EndBlock(FrameOutlet& out) {
  const auto headers = decoder_.Decode(std::exchange(block_, {}));
  if (!headers) return GiveUp(out);
  const Frame& first = open_.front();
  const BlockPlace place{.direction = direction_,
                         .stream = first.stream,
                         .ends_stream = first.Has(NGHTTP2_FLAG_END_STREAM),
                         .due_ns = first.due_ns};
  open_.clear();
  EmitBlock(place, encoder_.Encode(*headers), out);
}

void StatelessHeaders::GiveUp(FrameOutlet& out) {
  has_given_up_ = true;
  for (Frame& frame : std::exchange(open_, {})) out.Emit(direction_, std::move(frame));
}

}  // namespace zlayer::fakes::daemon
