// Fuzzes the faults of HTTP/2 and gRPC with any bytes in any pieces, valid HTTP/2 or not. Checks
// that frames do not depend on the pieces in which they arrive, and that a fault that emits every
// frame unchanged changes nothing.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fakes/fuzz/input.h"
#include "fakes/src/http2/frame_fault.h"
#include "fakes/src/http2/hpack.h"
#include "fakes/src/http2/joining_faults.h"
#include "fakes/src/relay/pipeline.h"
#include "fakes/src/relay/relay.h"
#include "tools/fuzzing/must_hold.h"

namespace zlayer::fakes::daemon {
namespace {

/// Emits every frame unchanged.
class Honest final : public FrameFault {
  void Pass(Direction direction, Frame frame, FrameOutlet& out) override {
    out.Emit(direction, std::move(frame));
  }
};

struct Traffic {
  std::vector<Arrival> arrivals;
  std::array<std::string, 2> bytes;  // of each direction
};

size_t IndexOf(Direction direction) { return direction == Direction::up ? 0 : 1; }

Traffic TakeTraffic(Input& input) {
  Traffic traffic;
  std::array<bool, 2> ended{};
  while (!input.empty()) {
    Arrival arrival = Arrival::Take(input);
    const size_t index = IndexOf(arrival.direction);
    if (ended[index]) continue;
    ended[index] = arrival.is_end;
    traffic.bytes[index] += arrival.bytes;
    traffic.arrivals.push_back(std::move(arrival));
  }
  // An end of the stream makes a fault emit the incomplete frame that it still holds.
  for (const Direction direction : {Direction::up, Direction::down}) {
    if (!ended[IndexOf(direction)]) traffic.arrivals.push_back({direction, "", true, 0});
  }
  return traffic;
}

/// The bytes that leave in `direction` when `traffic` passes the faults.
std::string Passed(ByteFaults faults, const Traffic& traffic, Direction direction) {
  Pipeline pipeline(std::move(faults));
  pipeline.Open(0);
  std::int64_t now_ns = 0;
  for (const Arrival& arrival : traffic.arrivals) {
    now_ns += arrival.pause_ns;
    pipeline.Pass(arrival.direction,
                  {.bytes = arrival.bytes,
                   .due_ns = now_ns,
                   .then = arrival.is_end ? Piece::Then::end : Piece::Then::go_on});
  }
  std::string passed;
  for (const Piece& piece : pipeline.LaneOf(direction).waiting) passed += piece.bytes;
  return passed;
}

/// `bytes` with the reserved bit of each frame header cleared. Receivers ignore that bit (RFC
/// 9113, 4.1).
std::string WithoutReservedBits(const std::string& bytes) {
  FrameReader reader;
  reader.Append(bytes);
  std::string same;
  while (const auto frame = reader.Next()) same += Pack(*frame);
  same += reader.TakeRest();
  MustHold(same.size() == bytes.size(), "frames and their rest are all there is");
  return same;
}

void ExpectHonest(const Traffic& traffic) {
  for (const Direction direction : {Direction::up, Direction::down}) {
    const std::string& sent = traffic.bytes[IndexOf(direction)];
    const size_t preface = direction == Direction::up ? std::min(kPreface.size(), sent.size()) : 0;
    const std::string expected =
        sent.substr(0, preface) + WithoutReservedBits(sent.substr(preface));
    ByteFaults stages;
    stages.push_back(AsByteFault(std::make_unique<Honest>(), 1));
    MustHold(Passed(std::move(stages), traffic, direction) == expected,
             "a stage without a fault passes every frame");
  }
}

/// Headers that are decoded, encoded and decoded again must be the same.
void ExpectSameHeaders(std::string_view bytes) {
  const auto headers = HeaderDecoder().Decode(bytes);
  if (!headers) return;
  const auto again = HeaderDecoder().Decode(HeaderEncoder().Encode(*headers));
  MustHold(again && *again == *headers, "headers outlive their encoding");
}

/// Faults that join and leave at each RPC.
void PassJoining(const Http2Faults& faults, const Traffic& traffic) {
  const auto all = std::make_shared<const Http2Faults>(faults);
  const auto none = std::make_shared<const Http2Faults>();
  bool armed = false;
  ByteFaults stages;
  const auto next = [&] {
    armed = !armed;
    return armed ? all : none;
  };
  stages.push_back(AsByteFault(std::make_unique<JoiningFaults>(*none, next), 1));
  (void)Passed(std::move(stages), traffic, Direction::down);
}

void Run(Input input) {
  const InputFaults faults(input);
  const Traffic traffic = TakeTraffic(input);
  ExpectHonest(traffic);
  FrameReader reader;
  reader.Append(traffic.bytes[1]);
  while (const auto frame = reader.Next()) ExpectSameHeaders(frame->payload);
  (void)Passed(MakeFrameFaults(faults.connections().http2, 1), traffic, Direction::down);
  PassJoining(faults.connections().http2, traffic);
}

}  // namespace
}  // namespace zlayer::fakes::daemon

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, size_t size) {
  zlayer::fakes::daemon::Run({bytes, size});
  return 0;
}
