#include "fakes/src/http2/frame.h"

#include <utility>

namespace zlayer::fakes::daemon {
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

void FrameReader::Append(std::string_view bytes) {
  bytes_.erase(0, std::exchange(read_, 0));
  bytes_ += bytes;
}

std::optional<std::string> FrameReader::TakeBytes(size_t size) {
  if (Unread().size() < size) return {};
  std::string taken(Unread().substr(0, size));
  read_ += size;
  return taken;
}

std::optional<Frame> FrameReader::Next() {
  const std::string_view unread = Unread();
  if (unread.size() < kHeader) return {};
  const size_t length = FromBigEndian(unread.substr(0, 3));
  if (unread.size() < kHeader + length) return {};
  Frame frame;
  frame.type = static_cast<std::uint8_t>(unread[3]);
  frame.flags = static_cast<std::uint8_t>(unread[4]);
  frame.stream = FromBigEndian(unread.substr(5, 4)) & kStreamMask;
  frame.payload = unread.substr(kHeader, length);
  read_ += kHeader + length;
  return frame;
}

std::string FrameReader::TakeRest() {
  std::string rest(Unread());
  bytes_.clear();
  read_ = 0;
  return rest;
}

}  // namespace zlayer::fakes::daemon
