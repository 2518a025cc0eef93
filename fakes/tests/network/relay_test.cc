// The relay, which carries bytes between a client's connection and the server, on real sockets. Its
// faults are scripts of the test.

#include "fakes/src/relay/relay.h"

#include <gtest/gtest.h>

#include "fakes/tests/network/relay_wire.h"

namespace zlayer::fakes::daemon {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::int64_t kMs = 1'000'000;
constexpr std::int64_t kHour = 3'600'000 * kMs;

void PassOn(Direction direction, Piece piece, Outlet& out) {
  out.Emit(direction, std::move(piece));
}

Scripted::Script Delay(std::int64_t ns) {
  return [ns](Direction direction, Piece piece, Outlet& out) {
    piece.due_ns += ns;
    out.Emit(direction, std::move(piece));
  };
}

/// Appends `sign` to each piece, which shows the order of several faults.
Scripted::Script Sign(char sign) {
  return [sign](Direction direction, Piece piece, Outlet& out) {
    if (!piece.bytes.empty()) piece.bytes += sign;
    out.Emit(direction, std::move(piece));
  };
}

/// Lets each piece to the client end its stream in this way.
Scripted::Script EndDown(Piece::Then then) {
  return [then](Direction direction, Piece piece, Outlet& out) {
    if (direction == Direction::down) piece.then = then;
    out.Emit(direction, std::move(piece));
  };
}

TEST(RelayTest, TheFirstFaultIsNextToTheClient) {
  Wire wire({Sign('1'), Sign('2')});
  SendAll(wire.client(), "up");
  EXPECT_EQ(Receive(wire.server(), 4).bytes, "up12");
  SendAll(wire.server(), "down");
  EXPECT_EQ(Receive(wire.client(), 6).bytes, "down21");
}

TEST(RelayTest, PiecesLeaveInTheOrderOfTheirTimes) {
  Wire wire({[](Direction direction, Piece piece, Outlet& out) {
    const std::int64_t now = piece.due_ns;
    if (piece.bytes != "abcd") return out.Emit(direction, std::move(piece));
    out.Emit(direction, {.bytes = "a", .due_ns = now + 80 * kMs});
    out.Emit(direction, {.bytes = "b", .due_ns = now + 40 * kMs});
    out.Emit(direction, {.bytes = "c", .due_ns = now + 40 * kMs});
    out.Emit(direction, {.bytes = "d", .due_ns = now});
  }});
  const auto begin = steady_clock::now();
  SendAll(wire.client(), "abcd");
  EXPECT_EQ(Receive(wire.server(), 1).bytes, "d");
  EXPECT_EQ(Receive(wire.server(), 2).bytes, "bc");
  EXPECT_GE(steady_clock::now() - begin, milliseconds(40));
  EXPECT_EQ(Receive(wire.server(), 1).bytes, "a");
  EXPECT_GE(steady_clock::now() - begin, milliseconds(80));
}

TEST(RelayTest, AWriterFeelsThatBytesWait) {
  Wire wire({Delay(kHour)});
  constexpr size_t kMost = 64 << 20;
  EXPECT_LT(SendUntilBlocked(wire.server(), kMost, milliseconds(200)), size_t{2} << 20);
  wire.Stop();
}

TEST(RelayTest, NothingIsLostUnderBackpressure) {
  Wire wire({PassOn});
  constexpr size_t kMost = 64 << 20;
  const size_t taken = SendUntilBlocked(wire.client(), kMost, milliseconds(200));
  ASSERT_LT(taken, kMost);
  shutdown(wire.client(), SHUT_WR);
  EXPECT_EQ(Receive(wire.server()).bytes.size(), taken);
}

TEST(RelayTest, ASourceThatNoFaultReadsBlocksItsWriter) {
  Wire wire({PassOn}, /*reads_up=*/false);
  constexpr size_t kMost = 64 << 20;
  EXPECT_LT(SendUntilBlocked(wire.client(), kMost, milliseconds(200)), kMost);
  EXPECT_FALSE(Comes(wire.server(), POLLIN, milliseconds(0)));
  SendAll(wire.server(), "down");
  EXPECT_EQ(Receive(wire.client(), 4).bytes, "down");
  wire.Stop();
}

TEST(RelayTest, AHalfCloseLeavesTheOtherHalf) {
  Wire wire({PassOn});
  SendAll(wire.client(), "question");
  shutdown(wire.client(), SHUT_WR);
  EXPECT_EQ(Receive(wire.server()).bytes, "question");
  SendAll(wire.server(), "answer");
  wire.CloseServer();
  EXPECT_EQ(Receive(wire.client(), 6).bytes, "answer");
  wire.Join();
}

TEST(RelayTest, AFaultEndsOneDirection) {
  Wire wire({EndDown(Piece::Then::end)});
  SendAll(wire.server(), "last");
  const Received down = Receive(wire.client());
  EXPECT_EQ(down.bytes, "last");
  EXPECT_EQ(down.error, 0);
  SendAll(wire.client(), "still here");
  EXPECT_EQ(Receive(wire.server(), 10).bytes, "still here");
  shutdown(wire.client(), SHUT_WR);
  wire.Join();
}

TEST(RelayTest, CloseDropsWhatWaitsAndTellsTheClientBeforeTheServerHasClosed) {
  Wire wire({[](Direction direction, Piece piece, Outlet& out) {
    const std::int64_t now = piece.due_ns;
    out.Emit(direction, {.bytes = "late", .due_ns = now + kHour});
    out.Emit(direction, {.bytes = "now", .due_ns = now, .then = Piece::Then::close});
  }});
  SendAll(wire.server(), "x");
  const Received down = Receive(wire.client());
  EXPECT_EQ(down.bytes, "now");
  EXPECT_EQ(down.error, 0);
  EXPECT_EQ(Receive(wire.server()).error, 0);
  wire.Join();
}

TEST(RelayTest, AResetIsOne) {
  Wire wire({EndDown(Piece::Then::reset)});
  SendAll(wire.server(), "last");
  const Received down = Receive(wire.client());
  EXPECT_EQ(down.bytes, "last");
  EXPECT_EQ(down.error, ECONNRESET);
  wire.Join();
}

TEST(RelayTest, WhatTheServerWroteBeforeItClosedArrivesLate) {
  Wire wire({Delay(50 * kMs)});
  SendAll(wire.server(), "last words");
  wire.CloseServer();
  wire.Join();
  EXPECT_EQ(Receive(wire.client(), 10, milliseconds(0)).bytes, "last words");
}

TEST(RelayTest, StopEndsItWhateverWaits) {
  Wire wire({Delay(kHour)});
  SendAll(wire.server(), "never");
  SendAll(wire.client(), "never");
  wire.Stop();
  wire.Join();
  EXPECT_EQ(Receive(wire.server()).bytes, "");
}

}  // namespace
}  // namespace zlayer::fakes::daemon
