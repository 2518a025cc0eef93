#include "fakes/src/http2/honest_http2.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>

#include "fakes/src/http2/frame.h"

namespace zlayer::fakes::daemon {
namespace {

constexpr size_t kHeader = 9;
/// The size that SETTINGS announce.
constexpr std::uint32_t kLargestFrame = 16'384;

/// SETTINGS with MAX_FRAME_SIZE 16,384 and nothing else.
std::string HonestSettings() {
  return Pack(
      {.type = NGHTTP2_SETTINGS,
       .payload = BigEndian(NGHTTP2_SETTINGS_MAX_FRAME_SIZE, 2) + BigEndian(kLargestFrame, 4)});
}

/// The rules that Go's framer checks by the header of a frame alone (RFC 9113, section 6).
bool IsWellFormed(const FrameHead& head) {
  if (head.size > kLargestFrame) return false;
  switch (head.type) {
    case NGHTTP2_DATA:
    case NGHTTP2_HEADERS:
    case NGHTTP2_CONTINUATION:
      return head.stream != 0;
    case NGHTTP2_PRIORITY:
      return head.stream != 0 && head.size == 5;
    case NGHTTP2_RST_STREAM:
      return head.stream != 0 && head.size == 4;
    case NGHTTP2_SETTINGS:
      return head.stream == 0 && head.size % 6 == 0 &&
             (head.size == 0 || (head.flags & NGHTTP2_FLAG_ACK) == 0);
    case NGHTTP2_PING:
      return head.stream == 0 && head.size == 8;
    case NGHTTP2_GOAWAY:
      return head.stream == 0 && head.size >= 8;
    case NGHTTP2_WINDOW_UPDATE:
      return head.size == 4;
    default:
      return true;
  }
}

}  // namespace

bool HonestHttp2::IsAllowed(const FrameHead& head) {
  if (!IsWellFormed(head)) return false;
  const bool continues = head.type == NGHTTP2_CONTINUATION;
  if (continues != (unfinished_ != 0) || (continues && head.stream != unfinished_)) return false;
  const bool is_part = continues || head.type == NGHTTP2_HEADERS;
  if (is_part) unfinished_ = (head.flags & NGHTTP2_FLAG_END_HEADERS) != 0 ? 0 : head.stream;
  return head.type != NGHTTP2_HEADERS || BeginsStream(head.stream);
}

/// grpc-go takes every HEADERS for a new request, trailers too.
bool HonestHttp2::BeginsStream(std::uint32_t stream) {
  if (stream % 2 == 1 && stream > newest_stream_) {
    newest_stream_ = stream;
    return true;
  }
  complaint_ = "received an illegal stream id: " + std::to_string(stream);
  return false;
}

size_t HonestHttp2::Admit(std::string_view bytes) {
  if (broken_) return 0;
  size_t admitted = bytes.size();
  up_.Feed(bytes, [&](const FrameHead& head, size_t at) {
    if (IsAllowed(head)) return true;
    broken_ = true;
    admitted = at - std::min(at, kHeader);
    return false;
  });
  return admitted;
}

size_t HonestHttp2::Announce(char* bytes, size_t size) {
  if (size < kHeader) return 0;
  const size_t whole = kHeader + FromBigEndian({bytes, 3});
  if (size < whole) return 0;
  announced_ = true;
  const std::string settings = HonestSettings();
  if (bytes[3] != NGHTTP2_SETTINGS || whole < settings.size()) return size;  // gRPC never does that
  std::copy(settings.begin(), settings.end(), bytes);
  std::copy(bytes + whole, bytes + size, bytes + settings.size());
  return size - whole + settings.size();
}

void HonestHttp2::Follow(std::string_view bytes) {
  down_.Feed(bytes, [](const FrameHead&, size_t) { return true; });
}

std::string HonestHttp2::Farewell() const {
  // SETTINGS must be the first frame, even if the server's own is still on its way.
  std::string first = announced_ ? "" : HonestSettings();
  if (complaint_.empty() || !down_.AtBoundary()) return first;
  return first + Pack({.type = NGHTTP2_GOAWAY,
                       .payload = BigEndian(newest_stream_, 4) +
                                  BigEndian(NGHTTP2_PROTOCOL_ERROR, 4) + complaint_});
}

}  // namespace zlayer::fakes::daemon
