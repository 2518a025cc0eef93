// The header blocks of one direction: takes them out of their frames and puts them back.
//
//   if (auto block = blocks.Take(std::move(frame))) blocks.Emit(*block, out);

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fakes/src/http2/frame_fault.h"
#include "fakes/src/http2/hpack.h"

namespace zlayer::fakes::daemon {

/// A HEADERS frame together with its CONTINUATION frames.
struct HeaderBlock {
  std::uint32_t stream = 0;
  bool ends_stream = false;  ///< these are the trailers, or the only headers of the answer
  bool is_first = false;     ///< these are the headers with :status
  Headers headers = {};
  std::int64_t due_ns = 0;
};

/// For faults that change or drop header blocks of the server. All blocks of a connection must pass
/// through one object: then each may be changed, reordered or dropped, and the client still decodes
/// the others.
class HeaderBlocks {
 public:
  static bool IsPart(const Frame& frame) {
    return frame.type == NGHTTP2_HEADERS || frame.type == NGHTTP2_CONTINUATION;
  }

  /// Takes a frame for which IsPart() is true. Returns the block when the frame ends it.
  std::optional<HeaderBlock> Take(Frame frame);

  /// Encodes the block and emits it as HEADERS and, if it is long, CONTINUATION frames.
  void Emit(const HeaderBlock& block, FrameOutlet& out);

  std::string Encode(const Headers& headers) { return encoder_.Encode(headers); }

 private:
  HeaderDecoder decoder_;
  HeaderEncoder encoder_;
  Frame block_;  // HEADERS, with the part of its block that has come
};

}  // namespace zlayer::fakes::daemon
