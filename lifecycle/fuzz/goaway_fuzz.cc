// GoawayWatch on arbitrary bytes of a server. Its answer must not depend on how the bytes are cut
// into pieces, and must be that of a simple parser that has the whole stream at once.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "lifecycle/src/connect/goaway_watch.h"
#include "tools/fuzzing/must_hold.h"

namespace zlayer::sidecar {
namespace {

bool SeenInPieces(std::string_view bytes, size_t size) {
  GoawayWatch watch;
  bool saw = false;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(size, bytes.size()))) {
    const bool now = watch.Feed(bytes.substr(0, size));
    MustHold(now || !saw, "a GOAWAY that was seen stays seen");
    saw = now;
  }
  return saw;
}

/// The simple parser, by RFC 9113, section 4.1.
bool HoldsGoaway(std::string_view bytes) {
  while (bytes.size() >= 9) {
    if (bytes[3] == 7) return true;
    size_t length = 0;
    for (const char c : bytes.substr(0, 3)) length = length << 8 | static_cast<std::uint8_t>(c);
    bytes.remove_prefix(std::min(9 + length, bytes.size()));
  }
  return false;
}

}  // namespace
}  // namespace zlayer::sidecar

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, size_t size) {
  using zlayer::sidecar::SeenInPieces;
  const std::string_view stream(reinterpret_cast<const char*>(bytes), size);
  for (const size_t piece : {size_t{1}, size_t{10}, size + 1}) {
    zlayer::MustHold(SeenInPieces(stream, piece) == zlayer::sidecar::HoldsGoaway(stream),
                     "GOAWAY is seen if and only if the stream holds one");
  }
  return 0;
}
