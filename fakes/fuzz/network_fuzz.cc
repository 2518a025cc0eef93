// Fuzzes the network faults with any traffic, without sockets and clocks. Checks that they never
// change, reorder or invent bytes, and that faults that only delay lose none.

#include <array>
#include <cstdint>
#include <string>

#include "fakes/fuzz/input.h"
#include "fakes/src/relay/pipeline.h"
#include "fakes/src/relay/relay.h"
#include "tools/fuzzing/must_hold.h"

namespace zlayer::fakes::daemon {
namespace {

/// What was sent in one direction.
struct Sent {
  std::string bytes;
  bool ended = false;
};

/// True when all faults of the plan only delay bytes and drop none.
bool OnlyDelays(const v1::FaultPlan& plan) {
  for (const v1::Fault& fault : plan.fault()) {
    using Kind = v1::Fault;
    const auto kind = fault.kind_case();
    if (kind != Kind::kLatency && kind != Kind::kBandwidth && kind != Kind::kSlicer &&
        kind != Kind::kSlowClose) {
      return false;
    }
  }
  return true;
}

/// Compares the pieces that wait in `lane` with what was sent.
void ExpectOf(const Lane& lane, const Sent& sent, bool only_delays) {
  std::string passed;
  size_t waiting = 0;
  std::int64_t due_ns = 0;
  bool ended = false;
  for (const Piece& piece : lane.waiting) {
    MustHold(piece.due_ns >= due_ns, "pieces leave in the order of their times");
    due_ns = piece.due_ns;
    waiting += piece.bytes.size();
    if (!ended) passed += piece.bytes;
    ended = ended || piece.then != Piece::Then::go_on;
  }
  MustHold(lane.waiting_bytes == waiting, "what waits is counted");
  MustHold(sent.bytes.starts_with(passed), "what leaves is the beginning of what came");
  if (!only_delays) return;
  MustHold(passed == sent.bytes, "delays lose nothing");
  MustHold(ended == sent.ended, "delays lose no end, and make none up");
}

void Run(Input input) {
  const InputFaults faults(input);
  Pipeline pipeline(MakeByteFaults(faults.connections().network, 1));
  std::array<Sent, 2> sent;
  std::int64_t now_ns = 0;
  pipeline.Open(now_ns);
  while (!input.empty()) {
    Arrival arrival = Arrival::Take(input);
    Sent& source = sent[arrival.direction == Direction::up ? 0 : 1];
    now_ns += arrival.pause_ns;
    if (source.ended || !pipeline.Reads(arrival.direction)) continue;
    source.bytes += arrival.bytes;
    source.ended = arrival.is_end;
    pipeline.Pass(arrival.direction,
                  {.bytes = std::move(arrival.bytes),
                   .due_ns = now_ns,
                   .then = arrival.is_end ? Piece::Then::end : Piece::Then::go_on});
  }
  const bool only_delays = OnlyDelays(faults.plan());
  ExpectOf(pipeline.LaneOf(Direction::up), sent[0], only_delays);
  ExpectOf(pipeline.LaneOf(Direction::down), sent[1], only_delays);
}

}  // namespace
}  // namespace zlayer::fakes::daemon

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, size_t size) {
  zlayer::fakes::daemon::Run({bytes, size});
  return 0;
}
