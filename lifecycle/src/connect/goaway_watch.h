// Detects GOAWAY, the HTTP/2 frame by which a server announces that it will close the connection.
//
// gRPC does not read a channel made from a descriptor while no call is active. Without this class
// only the next call would meet the GOAWAY of a draining daemon, and would fail.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace zlayer::sidecar {

/// Follows the frames of one HTTP/2 connection (RFC 9113, section 4.1), as the client receives
/// them. It validates nothing: bytes that are not frames can give a wrong answer, but gRPC then
/// closes the connection anyway.
class GoawayWatch {
 public:
  /// Takes the next bytes. True from the header of the first GOAWAY on.
  bool Feed(std::string_view bytes);

 private:
  static constexpr size_t kHeaderSize = 9;

  std::array<std::uint8_t, kHeaderSize> header_{};
  size_t header_size_ = 0;   // bytes of the frame's header that have come
  size_t payload_left_ = 0;  // bytes of the frame's payload that are still to come
  bool seen_ = false;
};

}  // namespace zlayer::sidecar
