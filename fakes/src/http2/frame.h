// HTTP/2's frames as values (RFC 9113, section 4.1).
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

namespace zlayer::fakes {

/// What a client says first, before its first frame.
inline constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Types and flags are libnghttp2's: NGHTTP2_DATA, NGHTTP2_FLAG_ACK.
struct Frame {
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
  std::string payload = {};
  /// Added to the length that the header claims: a lie.
  int length_error = 0;
  /// The rest is a Piece's.
  std::int64_t due_ns = 0;
  std::function<void()> leaves = {};
  Piece::Then then = Piece::Then::go_on;

  bool Has(int flag) const { return (flags & flag) != 0; }
};

/// The frame as bytes.
std::string Pack(const Frame& frame);

/// `size` bytes of a number, most significant first.
std::string BigEndian(std::uint64_t number, size_t size);
std::uint32_t FromBigEndian(std::string_view bytes);

/// Cuts a stream into frames.
class FrameReader {
 public:
  void Append(std::string_view bytes);

  /// The first `size` bytes, which are no frame; empty: they have not come yet.
  std::optional<std::string> TakeBytes(size_t size);

  /// Empty: the next frame has not come to its end.
  std::optional<Frame> Next();

  /// What is left behind the last frame.
  std::string TakeRest();

 private:
  std::string_view Unread() const { return std::string_view(bytes_).substr(read_); }

  std::string bytes_;
  /// Bytes at the beginning that were taken. To move the rest up for each frame costs more than the
  /// frame.
  size_t read_ = 0;
};

}  // namespace zlayer::fakes
