// The wall clock jumps by an hour while the library waits; the limits must not move. This file
// replaces clock_gettime for the whole program, so that a test can move the wall clock.
//
// Only waits of the library itself are tested. gRPC 1.51 takes monotonic deadlines, but its timer
// thread converts them to wall time to wait, so a jump back by an hour ends a call an hour late.

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <ctime>

#include "lifecycle/tests/share/fake_world.h"

namespace {

std::atomic<std::time_t> jumped_secs = 0;

}  // namespace

/// Replaces the C library's function for this program and every library in it.
extern "C" int clock_gettime(clockid_t clock, timespec* now) noexcept {
  const long result = ::syscall(SYS_clock_gettime, clock, now);
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) now->tv_sec += jumped_secs;
  return static_cast<int>(result);
}

namespace zlayer::sidecar {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLimit{300};
/// With a wait on the wall clock, a jump would make the limit end at once or an hour late.
constexpr milliseconds kLate{3'000};

class WallClockTest : public FakeWorld, public testing::WithParamInterface<int> {
 protected:
  ~WallClockTest() override { jumped_secs = 0; }

  /// Moves the wall clock at the end of `phase`.
  void JumpAfter(Phase phase) {
    options_.on_phase = [phase](Phase ended, std::chrono::nanoseconds) {
      if (ended == phase) jumped_secs = GetParam();
    };
  }

  /// Expects that kLimit has passed since `begin`, and not much more, in spite of a jump.
  void ExpectTheLimit(steady_clock::time_point begin) const {
    const auto took = steady_clock::now() - begin;
    EXPECT_GE(took, kLimit);
    EXPECT_LT(took, kLate);
    EXPECT_EQ(jumped_secs, GetParam()) << "the clock has not jumped in this wait";
  }
};

TEST_P(WallClockTest, AJumpDoesNotMoveTheEndOfTheHandshake) {
  UsePlan("fault { hang { phase: START } }");
  options_.handshake_timeout = kLimit;
  JumpAfter(Phase::spawn);
  SidecarLifecycle lifecycle(config_, options_);
  const auto begin = steady_clock::now();
  const auto live = lifecycle.Ensure();
  ASSERT_FALSE(live);
  EXPECT_EQ(live.error().kind, ErrorKind::handshake_timeout) << live.error().message;
  ExpectTheLimit(begin);
}

INSTANTIATE_TEST_SUITE_P(AnHour, WallClockTest, testing::Values(3600, -3600),
                         [](const testing::TestParamInfo<int>& jump) {
                           return jump.param > 0 ? "Forward" : "Back";
                         });

}  // namespace
}  // namespace zlayer::sidecar
