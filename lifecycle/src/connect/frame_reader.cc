#include "lifecycle/src/connect/frame_reader.h"

#include <algorithm>
#include <utility>

namespace zlayer::sidecar {
namespace {

std::uint8_t TakeByte(std::string_view* bytes) {
  const auto byte = static_cast<std::uint8_t>(bytes->front());
  bytes->remove_prefix(1);
  return byte;
}

}  // namespace

FrameReader::Step FrameReader::Next(std::string_view* bytes) {
  for (;;) {
    const bool in_payload = header_size_ == kHeaderSize || in_preface_;
    if (in_payload && payload_left_ == 0) {
      header_size_ = 0;
      if (!std::exchange(in_preface_, false)) return Step::end;
    } else if (bytes->empty()) {
      return Step::more;
    } else if (in_payload && word_left_ > 0) {
      first_word_ |= static_cast<std::uint32_t>(TakeByte(bytes)) << (--word_left_ * 8);
      --payload_left_;
    } else if (in_payload) {
      const size_t passed = std::min(payload_left_, bytes->size());
      payload_left_ -= passed;
      bytes->remove_prefix(passed);
    } else {
      header_[header_size_++] = TakeByte(bytes);
      if (header_size_ < kHeaderSize) continue;
      payload_left_ = static_cast<size_t>(header_[0]) << 16 | static_cast<size_t>(header_[1]) << 8 |
                      static_cast<size_t>(header_[2]);
      word_left_ = 4;
      first_word_ = 0;
      return Step::header;
    }
  }
}

std::uint32_t FrameReader::stream() const {
  return (static_cast<std::uint32_t>(header_[5]) << 24 |
          static_cast<std::uint32_t>(header_[6]) << 16 |
          static_cast<std::uint32_t>(header_[7]) << 8 | header_[8]) &
         0x7fffffff;
}

}  // namespace zlayer::sidecar
