// Header blocks as frames: HEADERS and, if the block is long, CONTINUATION (RFC 9113, 6.2, 6.10).

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fakes/src/http2/frame.h"
#include "fakes/src/http2/frame_fault.h"

namespace zlayer::fakes::daemon {

/// The header block fragment in a HEADERS frame, which may have padding and priority too.
std::string_view FragmentOf(const Frame& headers);

/// Where a header block belongs.
struct BlockPlace {
  Direction direction = Direction::down;
  std::uint32_t stream = 0;
  bool ends_stream = false;
  std::int64_t due_ns = 0;
};

/// Emits an encoded block in as many frames as it needs.
void EmitBlock(const BlockPlace& place, std::string_view block, FrameOutlet& out);

}  // namespace zlayer::fakes::daemon
