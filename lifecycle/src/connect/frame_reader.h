// The frames of one direction of an HTTP/2 connection (RFC 9113, section 4.1), by their headers.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace zlayer::sidecar {

/// Cuts a stream of bytes into frames. It validates nothing and keeps no payload but its first four
/// bytes, so it holds the same few bytes whatever comes.
///
///   while (reader.Next(&bytes) != FrameReader::Step::more) { ... reader.type() ... }
class FrameReader {
 public:
  /// header: a frame's header has come. end: its payload has, too. more: all bytes are used up.
  enum class Step { more, header, end };

  /// `preface`: how many bytes come before the first frame.
  explicit FrameReader(size_t preface) : payload_left_(preface), in_preface_(preface > 0) {}

  /// Takes bytes from the front of `bytes` until a step has come.
  Step Next(std::string_view* bytes);

  // Of the frame of the last step:
  std::uint8_t type() const { return header_[3]; }
  bool Has(std::uint8_t flag) const { return (header_[4] & flag) != 0; }
  std::uint32_t stream() const;
  /// The first four bytes of the payload, without the reserved bit; 0 for bytes that did not come.
  std::uint32_t first_word() const { return first_word_ & 0x7fffffff; }

 private:
  static constexpr size_t kHeaderSize = 9;

  std::array<std::uint8_t, kHeaderSize> header_{};
  size_t header_size_ = 0;   // bytes of the frame's header that have come
  size_t payload_left_ = 0;  // bytes of the payload, or of the preface, that are still to come
  size_t word_left_ = 0;     // bytes of first_word_ that are still to come
  std::uint32_t first_word_ = 0;
  bool in_preface_;
};

}  // namespace zlayer::sidecar
