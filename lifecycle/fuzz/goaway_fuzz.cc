// GoawayWatch on arbitrary bytes of a server and a client. Its answers must not depend on how the
// bytes are cut into pieces, and GOAWAY must be seen as by a simple parser that has the whole
// stream at once.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "lifecycle/src/connect/goaway_watch.h"
#include "tools/fuzzing/must_hold.h"

namespace zlayer::sidecar {
namespace {

/// What the watch says at the end of the bytes.
struct Seen {
  bool goaway = false;
  bool drained = false;
  size_t open_streams = 0;
  bool operator==(const Seen&) const = default;
};

/// The client sends the same bytes as the server, before it and behind the 24 bytes of its preface.
Seen SeenInPieces(std::string_view bytes, size_t size) {
  GoawayWatch watch;
  watch.FromClient(std::string(24, ' '));
  for (std::string_view left = bytes; !left.empty();
       left.remove_prefix(std::min(size, left.size()))) {
    watch.FromClient(left.substr(0, size));
  }
  Seen seen;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(size, bytes.size()))) {
    const bool now = watch.FromServer(bytes.substr(0, size));
    MustHold(now || !seen.goaway, "a GOAWAY that was seen stays seen");
    seen.goaway = now;
  }
  seen.drained = watch.Drained();
  seen.open_streams = watch.open_streams();
  return seen;
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
  const auto whole = SeenInPieces(stream, size + 1);
  zlayer::MustHold(whole.goaway == zlayer::sidecar::HoldsGoaway(stream),
                   "GOAWAY is seen if and only if the stream holds one");
  for (const size_t piece : {size_t{1}, size_t{10}}) {
    zlayer::MustHold(SeenInPieces(stream, piece) == whole, "cuts between bytes change nothing");
  }
  return 0;
}
