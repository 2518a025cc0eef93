#include "lifecycle/src/connect/goaway_watch.h"

#include <algorithm>
#include <utility>

namespace zlayer::sidecar {
namespace {

// Frame types and flags of RFC 9113, section 6.
constexpr std::uint8_t kData = 0;
constexpr std::uint8_t kHeaders = 1;
constexpr std::uint8_t kResetStream = 3;
constexpr std::uint8_t kGoaway = 7;
constexpr std::uint8_t kContinuation = 9;
constexpr std::uint8_t kEndStream = 1;
constexpr std::uint8_t kEndHeaders = 4;

/// What a client sends before its first frame (section 3.4).
constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

}  // namespace

GoawayWatch::GoawayWatch() : client_(kPreface.size()) {}

bool GoawayWatch::FromServer(std::string_view bytes) {
  for (;;) {
    switch (server_.Next(&bytes)) {
      case FrameReader::Step::more:
        return seen_;
      case FrameReader::Step::header:
        if (server_.type() == kGoaway) seen_ = true;
        break;
      case FrameReader::Step::end:
        OnServerFrame();
        break;
    }
  }
}

/// A frame has come as a whole: what ends a stream must reach gRPC as a whole.
void GoawayWatch::OnServerFrame() {
  const std::uint32_t stream = server_.stream();
  const bool ends_stream = server_.Has(kEndStream);
  switch (server_.type()) {
    case kData:
      if (ends_stream) open_.erase(stream);
      break;
    case kHeaders:
      ends_with_headers_ = ends_stream ? stream : 0;
      [[fallthrough]];
    case kContinuation:
      if (server_.Has(kEndHeaders)) open_.erase(std::exchange(ends_with_headers_, 0));
      break;
    case kResetStream:
      open_.erase(stream);
      break;
    case kGoaway:
      announced_ = true;
      last_ = std::min(last_, server_.first_word());
      open_.erase(open_.upper_bound(last_), open_.end());
      break;
    default:
      break;
  }
}

void GoawayWatch::FromClient(std::string_view bytes) {
  for (;;) {
    const FrameReader::Step step = client_.Next(&bytes);
    if (step == FrameReader::Step::more) return;
    if (step != FrameReader::Step::header) continue;
    const std::uint32_t stream = client_.stream();
    if (client_.type() == kResetStream) open_.erase(stream);
    // HEADERS of a known stream are its trailers.
    if (client_.type() != kHeaders || stream <= newest_) continue;
    newest_ = stream;
    if (stream <= last_) open_.insert(stream);
  }
}

}  // namespace zlayer::sidecar
