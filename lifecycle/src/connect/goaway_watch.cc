#include "lifecycle/src/connect/goaway_watch.h"

#include <algorithm>

namespace zlayer::sidecar {
namespace {

constexpr std::uint8_t kGoaway = 7;  // RFC 9113, section 6.8

}  // namespace

bool GoawayWatch::Feed(std::string_view bytes) {
  while (!seen_ && !bytes.empty()) {
    if (payload_left_ > 0) {
      const size_t passed = std::min(payload_left_, bytes.size());
      payload_left_ -= passed;
      bytes.remove_prefix(passed);
      continue;
    }
    header_[header_size_++] = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    if (header_size_ < kHeaderSize) continue;
    header_size_ = 0;
    payload_left_ = static_cast<size_t>(header_[0]) << 16 | static_cast<size_t>(header_[1]) << 8 |
                    static_cast<size_t>(header_[2]);
    seen_ = header_[3] == kGoaway;
  }
  return seen_;
}

}  // namespace zlayer::sidecar
