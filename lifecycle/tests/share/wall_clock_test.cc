// The wall clock jumps while something waits: what this process reads from it is this file's.
//
// Only waits of our own are judged. gRPC 1.51 turns the deadlines of its calls, monotonic as we
// give them, into wall time when its timer thread waits: a jump back then ends a call that much
// later.

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

/// In place of the C library's, for this program and every library in it.
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
/// A limit that ends at once, or never, is what a jump would make of it.
constexpr milliseconds kLate{3'000};

class WallClockTest : public FakeWorld, public testing::WithParamInterface<int> {
 protected:
  ~WallClockTest() override { jumped_secs = 0; }

  void JumpAfter(Phase phase) {
    options_.on_phase = [phase](Phase ended, std::chrono::nanoseconds) {
      if (ended == phase) jumped_secs = GetParam();
    };
  }

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
