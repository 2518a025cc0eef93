// Finds the frames in a stream of bytes without copying them (RFC 9113, section 4.1).
//
//   FrameWalk walk;
//   walk.Feed(bytes, [&](const FrameHead& head, size_t at) { ...; return true; });

#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace zlayer::fakes::daemon {

/// The header of a frame.
struct FrameHead {
  std::uint32_t size = 0;  ///< of the payload
  std::uint8_t type = 0;   ///< as libnghttp2 numbers them
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
};

class FrameWalk {
 public:
  /// `skipped` bytes come before the first frame: the client's preface.
  explicit FrameWalk(std::uint32_t skipped = 0) : rest_(skipped) {}

  /// Calls `visit` for each frame whose header ends in `bytes`, with its header and the place in
  /// `bytes` at which the payload begins. False stops the walk, for ever.
  template <typename Visit>
  void Feed(std::string_view bytes, Visit visit) {
    for (size_t at = 0; at < bytes.size();) {
      if (rest_ > 0) {
        const size_t passed = std::min<size_t>(rest_, bytes.size() - at);
        rest_ -= static_cast<std::uint32_t>(passed);
        at += passed;
        continue;
      }
      head_[had_++] = static_cast<unsigned char>(bytes[at++]);
      if (had_ < head_.size()) continue;
      had_ = 0;
      const FrameHead head = Head();
      rest_ = head.size;
      if (!visit(head, at)) return;
    }
  }

  /// True between two frames.
  bool AtBoundary() const { return rest_ == 0 && had_ == 0; }

 private:
  FrameHead Head() const {
    const auto number = [this](size_t begin, size_t size) {
      std::uint32_t value = 0;
      for (size_t i = 0; i < size; ++i) value = value << 8 | head_[begin + i];
      return value;
    };
    return {.size = number(0, 3),
            .type = head_[3],
            .flags = head_[4],
            .stream = number(5, 4) & 0x7fffffff};  // the top bit is reserved
  }

  std::array<unsigned char, 9> head_{};
  size_t had_ = 0;      // bytes of head_ that have come
  std::uint32_t rest_;  // bytes before the next header
};

}  // namespace zlayer::fakes::daemon
