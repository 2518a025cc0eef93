// At which byte and which time network faults pass bytes on. The faults run without sockets, on
// times that the test gives, so results are exact.

#include "fakes/src/faults/network/network_fault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "fakes/src/faults/kinds.h"
#include "proto/message_file.h"

namespace zlayer::fakes::daemon {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Le;

class Recorder final : public Outlet {
 public:
  void Emit(Direction direction, Piece piece) override {
    (direction == Direction::up ? up : down).push_back(std::move(piece));
  }
  std::vector<Piece> up;
  std::vector<Piece> down;
};

/// One network fault as it acts on connection `number`; keeps what the fault passes on.
class Subject {
 public:
  Subject(const FaultKind& kind, const std::string& fault, std::uint32_t number = 1) {
    const auto plan = ParseMessage<v1::FaultPlan>("plan", "seed: 3 fault { " + fault + " }");
    EXPECT_TRUE(plan) << plan.error();
    const auto trigger = std::make_shared<Trigger>(*plan, 0, 0, journal_, *peer_.happenings);
    kind.apply(plan->fault(0), trigger, peer_);
    trigger->Arm();
    fault_ = peer_.connections.network.at(0)(number);
    fault_->Open(0, out_);
  }

  void Pass(const std::string& bytes, Direction direction = Direction::down,
            Piece::Then then = Piece::Then::go_on) {
    fault_->Pass(direction, {.bytes = bytes, .due_ns = 0, .then = then}, out_);
  }
  const Recorder& out() const { return out_; }

  std::vector<size_t> Sizes() const {
    std::vector<size_t> sizes;
    for (const Piece& piece : out_.down) sizes.push_back(piece.bytes.size());
    return sizes;
  }
  std::vector<std::int64_t> DueMs(Direction direction = Direction::down) const {
    std::vector<std::int64_t> due;
    for (const Piece& piece : direction == Direction::up ? out_.up : out_.down) {
      due.push_back(piece.due_ns / kNsPerMs);
    }
    return due;
  }

 private:
  Journal journal_;
  Peer peer_;
  std::unique_ptr<ByteFault> fault_;
  Recorder out_;
};

TEST(DirectionTest, OnlyThoseThatAreAskedForChange) {
  const std::tuple<const char*, int, int> delays[] = {
      {"", 0, 5}, {"direction: UP", 5, 0}, {"direction: BOTH", 5, 5}};
  for (const auto& [direction, up, down] : delays) {
    Subject latency(kLatencyFault, std::string("latency { latency_ms: 5 ") + direction + " }");
    latency.Pass("x", Direction::up);
    latency.Pass("x", Direction::down);
    EXPECT_THAT(latency.DueMs(Direction::up), ElementsAre(up)) << direction;
    EXPECT_THAT(latency.DueMs(Direction::down), ElementsAre(down)) << direction;
  }
}

TEST(AfterBytesTest, TheFirstPassAndTheRestOfTheirPieceDoesNot) {
  Subject latency(kLatencyFault, "latency { latency_ms: 5 after_bytes: 4 }");
  for (const char* bytes : {"a", "bcdef", "g"}) latency.Pass(bytes);
  EXPECT_THAT(latency.Sizes(), ElementsAre(1, 3, 2, 1));
  EXPECT_THAT(latency.DueMs(), ElementsAre(0, 0, 5, 5));
}

std::vector<std::int64_t> Jittered(std::uint32_t connection) {
  Subject latency(kLatencyFault, "latency { latency_ms: 1000 jitter_ms: 900 }", connection);
  for (int i = 0; i < 20; ++i) latency.Pass("x");
  latency.Pass("", Direction::down, Piece::Then::end);
  return latency.DueMs();
}

TEST(LatencyTest, JitterIsTheSeedsAndTheConnections) {
  EXPECT_EQ(Jittered(1), Jittered(1));
  EXPECT_NE(Jittered(1), Jittered(2));
}

TEST(LatencyTest, JitterHasBoundsAndNothingOvertakesNotEvenTheEnd) {
  const auto due = Jittered(1);
  EXPECT_THAT(due, Each(Ge(100)));
  EXPECT_THAT(due, Each(Le(1900)));
  EXPECT_NE(due.front(), due.back());
  EXPECT_TRUE(std::is_sorted(due.begin(), due.end()));
}

TEST(BandwidthTest, BytesQueueBehindEachOther) {
  Subject bandwidth(kBandwidthFault, "bandwidth { rate_kb_s: 2 }");
  bandwidth.Pass(std::string(50, 'x'));
  bandwidth.Pass(std::string(10, 'x'), Direction::down, Piece::Then::end);
  EXPECT_THAT(bandwidth.Sizes(), ElementsAre(20, 20, 10, 10, 0));
  EXPECT_THAT(bandwidth.DueMs(), ElementsAre(10, 20, 25, 30, 30));
  EXPECT_EQ(bandwidth.out().down.back().then, Piece::Then::end);
}

/// Passes 600 bytes in pieces of this size through a slicer on connection `number`. Returns the
/// positions of its cuts.
std::set<size_t> Cuts(size_t piece, std::uint32_t number) {
  Subject slicer(kSlicerFault, "slicer { average_size: 20 size_variation: 15 delay_us: 1 }",
                 number);
  for (size_t at = 0; at < 600; at += piece) slicer.Pass(std::string(piece, 'x'));
  std::set<size_t> cuts;
  std::int64_t due_ns = 0;
  size_t at = 0;
  for (const Piece& slice : slicer.out().down) {
    if (slice.due_ns != due_ns) cuts.insert(at);
    due_ns = slice.due_ns;
    at += slice.bytes.size();
  }
  EXPECT_EQ(at, 600u);
  return cuts;
}

TEST(SlicerTest, CutsAreTheSeedsAndTheConnectionsHoweverBytesCome) {
  EXPECT_EQ(Cuts(600, 1), Cuts(600, 1));
  EXPECT_EQ(Cuts(600, 1), Cuts(8, 1));
  EXPECT_NE(Cuts(600, 1), Cuts(600, 2));
}

TEST(SlicerTest, SlicesHaveTheSizeThatIsAskedFor) {
  size_t last = 0;
  std::set<size_t> sizes;
  for (const size_t cut : Cuts(600, 1)) {
    sizes.insert(cut - last);
    last = cut;
  }
  EXPECT_THAT(sizes, Each(Ge(5u)));
  EXPECT_THAT(sizes, Each(Le(35u)));
  EXPECT_GT(sizes.size(), 5u);
}

}  // namespace
}  // namespace zlayer::fakes::daemon
