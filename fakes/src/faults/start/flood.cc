// Fault `flood`: writes many bytes to stdout or stderr, which the client may not read.

#include <unistd.h>

#include <algorithm>

#include "fakes/src/base/monotonic.h"
#include "fakes/src/faults/defaults.h"
#include "fakes/src/faults/kinds.h"
#include "fakes/src/process/pipe_writer.h"

namespace zlayer::fakes::daemon {
namespace {

Reach ReachOf(const v1::Fault& fault) {
  return {.stage = StageOf(fault.flood().phase()), .can_block = true};
}

Mistake Check(const v1::Fault& fault) {
  const v1::Flood& flood = fault.flood();
  if (flood.stream() == v1::Flood::STDOUT && flood.phase() < v1::LINE) {
    return {"phase",
            "must be LINE or SERVING for STDOUT; bytes before the line are handshake_bytes"};
  }
  return {};
}

/// Lines of 79 "x" and a newline, together five pages (20,480 bytes, a multiple of 80 and of
/// 4,096). A pipe is a list of pages, so whole pages fill it to its last byte.
std::string Lines() {
  std::string lines;
  while (lines.size() < 5 * 4096) lines += std::string(79, 'x') + "\n";
  return lines;
}

/// With a `rate`, the pieces are small: at least this many make up the bytes of a second.
constexpr std::uint64_t kPiecesASecond = 50;

std::uint64_t PieceOf(const v1::Flood& flood, std::uint64_t longest) {
  if (flood.rate() == 0) return longest;
  return std::clamp<std::uint64_t>(flood.rate() / kPiecesASecond, 1, longest);
}

void Pour(const v1::Flood& flood, const Waiter& wait) {
  const int fd = flood.stream() == v1::Flood::STDOUT ? STDOUT_FILENO : STDERR_FILENO;
  const std::uint64_t bytes = flood.bytes() == 0 ? kDefaultFloodBytes : flood.bytes();
  const std::string lines = Lines();
  const std::uint64_t longest = PieceOf(flood, lines.size());
  const std::int64_t begun = MonotonicNs();
  for (std::uint64_t poured = 0; poured < bytes;) {
    const std::uint64_t at = poured % lines.size();
    const std::uint64_t piece = std::min({bytes - poured, longest, lines.size() - at});
    if (!WriteToPipe(fd, std::string_view(lines).substr(at, piece), wait)) return;
    poured += piece;
    if (flood.rate() == 0) continue;
    const double seconds = static_cast<double>(poured) / static_cast<double>(flood.rate());
    if (wait(-1, 0, begun + static_cast<std::int64_t>(seconds * 1e9)) == Woke::stop) return;
  }
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.Add(fault.flood().phase(), trigger,
           [flood = fault.flood(), trigger](Start&, const Waiter& wait) {
             if (trigger->Happens()) Pour(flood, wait);
           });
}

}  // namespace

const FaultKind kFloodFault = {"flood", "", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
