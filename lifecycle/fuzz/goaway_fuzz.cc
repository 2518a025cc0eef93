// Anything from a server: whether it says that it goes does not depend on the pieces in which it
// says so, and is what the frames' own lengths say.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "lifecycle/src/connect/goaway_watch.h"
#include "tools/fuzzing/must_hold.h"

namespace zlayer::sidecar {
namespace {

bool SawInPieces(std::string_view bytes, size_t size) {
  GoawayWatch watch;
  bool saw = false;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(size, bytes.size()))) {
    const bool now = watch.Saw(bytes.substr(0, size));
    MustHold(now || !saw, "what was said stays said");
    saw = now;
  }
  return saw;
}

/// RFC 9113, 4.1, with the whole stream at hand.
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
  using zlayer::sidecar::SawInPieces;
  const std::string_view stream(reinterpret_cast<const char*>(bytes), size);
  for (const size_t piece : {size_t{1}, size_t{10}, size + 1}) {
    zlayer::MustHold(SawInPieces(stream, piece) == zlayer::sidecar::HoldsGoaway(stream),
                     "GOAWAY is seen where it is");
  }
  return 0;
}
