#include "fakes/src/http2/frame.h"

namespace zlayer::fakes {
namespace {

constexpr size_t kHeader = 9;
constexpr std::uint32_t kStreamMask = 0x7fffffff;  // the top bit is reserved

}  // namespace

std::string BigEndian(std::uint64_t number, size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = size; i-- > 0; number >>= 8) bytes[i] = static_cast<char>(number & 0xff);
  return bytes;
}

std::uint32_t FromBigEndian(std::string_view bytes) {
  std::uint32_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

std::string Pack(const Frame& frame) {
  const auto length = static_cast<std::int64_t>(frame.payload.size()) + frame.length_error;
  return BigEndian(static_cast<std::uint64_t>(length), 3) + BigEndian(frame.type, 1) +
         BigEndian(frame.flags, 1) + BigEndian(frame.stream, 4) + frame.payload;
}

std::optional<std::string> FrameReader::TakeBytes(size_t size) {
  if (unread_.size() < size) return {};
  std::string taken = unread_.substr(0, size);
  unread_.erase(0, size);
  return taken;
}

std::optional<Frame> FrameReader::Next() {
  if (unread_.size() < kHeader) return {};
  const std::string_view header(unread_.data(), kHeader);
  const size_t length = FromBigEndian(header.substr(0, 3));
  if (unread_.size() < kHeader + length) return {};
  Frame frame;
  frame.type = static_cast<std::uint8_t>(header[3]);
  frame.flags = static_cast<std::uint8_t>(header[4]);
  frame.stream = FromBigEndian(header.substr(5)) & kStreamMask;
  frame.payload = unread_.substr(kHeader, length);
  unread_.erase(0, kHeader + length);
  return frame;
}

}  // namespace zlayer::fakes
