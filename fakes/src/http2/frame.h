// HTTP/2 frames as values (RFC 9113, section 4.1).
//
//   FrameReader reader;
//   reader.Append(bytes);
//   while (auto frame = reader.Next()) Use(*frame);

#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "fakes/src/relay/byte_fault.h"

namespace zlayer::fakes::daemon {

/// The connection preface: a client sends it before its first frame.
inline constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Types and flags are libnghttp2's: NGHTTP2_DATA, NGHTTP2_FLAG_ACK.
struct Frame {
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
  std::string payload = {};
  /// Added to the length in the frame's header, which is then wrong.
  int length_error = 0;
  /// As in Piece.
  std::int64_t due_ns = 0;
  std::function<void()> leaves = {};
  Piece::Then then = Piece::Then::go_on;

  bool Has(int flag) const { return (flags & flag) != 0; }
};

/// The bytes of the frame.
std::string Pack(const Frame& frame);

/// The number in `size` bytes, most significant byte first.
std::string BigEndian(std::uint64_t number, size_t size);
/// The reverse, for at most four bytes.
std::uint32_t FromBigEndian(std::string_view bytes);

/// Cuts the bytes of one direction into frames.
class FrameReader {
 public:
  void Append(std::string_view bytes);

  /// Takes `size` bytes that are not a frame (the preface). Nullopt when they have not come yet.
  std::optional<std::string> TakeBytes(size_t size);

  /// Takes the next frame. Nullopt when it is not complete yet.
  std::optional<Frame> Next();

  /// Takes the incomplete frame at the end.
  std::string TakeRest();

 private:
  std::string_view Unread() const { return std::string_view(bytes_).substr(read_); }

  std::string bytes_;
  /// Bytes at the beginning of bytes_ that were taken. Append() erases them, and not Next(): to
  /// move the rest for each frame would cost more than the frame itself.
  size_t read_ = 0;
};

}  // namespace zlayer::fakes::daemon
