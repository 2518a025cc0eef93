// Fills a pipe that nobody may be reading.

#include <unistd.h>

#include <algorithm>

#include "fakes/src/faults/kinds.h"
#include "fakes/src/pipe_writer.h"

namespace zlayer::fakes {
namespace {

constexpr std::uint64_t kDefaultBytes = 1 << 20;

Reach ReachOf(const v1::Fault& fault) {
  return {.stage = StageOf(fault.flood().phase()), .can_block = true};
}

Mistake Check(const v1::Fault& fault) {
  if (fault.flood().stream() == v1::Flood::STDOUT && fault.flood().phase() != v1::LINE) {
    return {"phase", "must be LINE for STDOUT; bytes before the line are handshake_bytes"};
  }
  return {};
}

/// Lines of 79 "x", 80 bytes each, in whole pages: written page by page they fill a pipe to its
/// last byte.
std::string Lines() {
  std::string lines;
  while (lines.size() < 5 * 4096) lines += std::string(79, 'x') + "\n";
  return lines;
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  const v1::Flood& flood = fault.flood();
  const int fd = flood.stream() == v1::Flood::STDOUT ? STDOUT_FILENO : STDERR_FILENO;
  const std::uint64_t bytes = flood.bytes() == 0 ? kDefaultBytes : flood.bytes();
  peer.at_phase[flood.phase()].push_back([fd, bytes, trigger](Start& start) {
    if (!trigger->Happens()) return;
    const std::string lines = Lines();
    for (std::uint64_t left = bytes; left > 0;) {
      const size_t piece = std::min<std::uint64_t>(left, lines.size());
      WriteToPipe(fd, std::string_view(lines).substr(0, piece), start.signals);
      left -= piece;
    }
  });
}

}  // namespace

const FaultKind kFloodFault = {"flood", "", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes
