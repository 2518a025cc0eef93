// Encodes the header blocks of one direction again, without HPACK's dynamic table. Whoever reads
// them then needs to have seen none of the earlier blocks.

#pragma once

#include <string>
#include <vector>

#include "fakes/src/http2/frame_fault.h"
#include "fakes/src/http2/hpack.h"

namespace zlayer::fakes::daemon {

/// Must get every frame of its direction, from the first one on. Not thread-safe.
class StatelessHeaders {
 public:
  explicit StatelessHeaders(Direction direction) : direction_(direction) {}

  /// Emits `frame`, or the block that it ends. A peer whose blocks cannot be decoded gets all
  /// frames through unchanged from then on: its mistake is for the other peer to find.
  void Pass(Frame frame, FrameOutlet& out);

 private:
  bool Collects(const Frame& frame) const;
  void EndBlock(FrameOutlet& out);
  void GiveUp(FrameOutlet& out);

  const Direction direction_;
  HeaderDecoder decoder_;
  HeaderEncoder encoder_;
  std::vector<Frame> open_;  // the frames of a block that has not ended
  std::string block_;        // their fragments
  bool has_given_up_ = false;
};

}  // namespace zlayer::fakes::daemon
