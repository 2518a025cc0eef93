// Notices that a server says it will go.
//
// A gRPC channel made from a descriptor is not read while nobody calls, so that a draining daemon's
// GOAWAY would be seen only by the next call, which then fails.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace zlayer::sidecar {

/// Follows the frames of one HTTP/2 connection (RFC 9113, section 4.1), as the client receives
/// them. Bytes that are no frames do no harm: gRPC refuses them.
class GoawayWatch {
 public:
  /// The next bytes. True once a GOAWAY has come.
  bool Saw(std::string_view bytes);

 private:
  static constexpr size_t kHeaderSize = 9;

  std::array<std::uint8_t, kHeaderSize> header_{};
  size_t header_size_ = 0;   // of the frame's header, what has come
  size_t payload_left_ = 0;  // of the frame's payload, what has not
  bool seen_ = false;
};

}  // namespace zlayer::sidecar
