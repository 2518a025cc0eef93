// RunBuild with a triggered stop token: it cancels the build by its id, and cancels its own call if
// the build does not end by that.

#include <gmock/gmock.h>
#include <signal.h>

#include <thread>

#include "lifecycle/tests/use/build_world.h"

namespace zlayer::sidecar {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

class BuildCancelTest : public BuildWorld {
 protected:
  int BuildsStarted() const {
    const std::string journal = Journal();
    int started = 0;
    for (size_t at = 0; (at = journal.find("BuildService/Build\"", at)) != journal.npos; ++at) {
      ++started;
    }
    return started;
  }
};

TEST_F(BuildCancelTest, AStopCancelsById) {
  std::stop_source stop;
  at_each_event_ = [&] { stop.request_stop(); };
  UsePlan(kCancellable);
  Start();
  const auto built = Run(stop.get_token());
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().kind, ErrorKind::cancelled) << built.error().message;
  EXPECT_EQ(built.error().build_error_kind, "cancelled");
  EXPECT_THAT(built.error().message, HasSubstr("the daemon ended it (cancelled)"));
  EXPECT_THAT(built.error().message, testing::Not(HasSubstr("slot")));  // it is free
  EXPECT_EQ(ends_, 1);  // the daemon ended the build by an error event; the call was not cancelled
  EXPECT_THAT(Journal(), HasSubstr("BuildService/Cancel"));
}

TEST_F(BuildCancelTest, AStopBeforeTheCallSendsNothing) {
  Start();
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(Run(stop.get_token()).error().kind, ErrorKind::cancelled);
  EXPECT_THAT(Journal(), testing::Not(HasSubstr("BuildService/Build")));
}

TEST_F(BuildCancelTest, ABuildThatWaitsForItsTurnIsLeftAtOnce) {
  UsePlan(kHeld);
  Start();
  std::stop_source first_stop;
  std::stop_source second_stop;
  Result<BuildResult> second;
  std::jthread waits;
  at_each_event_ = [&] {
    if (events_ > 1) return;
    // The first build has the only slot, so the second is queued and its id is not registered yet.
    waits =
        std::jthread([&] { second = RunBuild(*live_, Request(), {}, second_stop.get_token()); });
    while (BuildsStarted() < 2) std::this_thread::yield();
    const auto begin = std::chrono::steady_clock::now();
    second_stop.request_stop();
    waits.join();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(450));
    first_stop.request_stop();
  };
  EXPECT_EQ(Run(first_stop.get_token()).error().kind, ErrorKind::cancelled);
  EXPECT_EQ(second.error().kind, ErrorKind::cancelled);
}

TEST_F(BuildCancelTest, ACancelThatIsNotAnsweredIsFollowedByLeaving) {
  std::stop_source stop;
  at_each_event_ = [&] {
    ::kill(live_->pid().value(), SIGSTOP);
    stop.request_stop();
  };
  UsePlan(kHeld);
  Start();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(Run(stop.get_token()).error().kind, ErrorKind::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(900));
}

TEST_F(BuildCancelTest, ACancelWithoutEffectIsFollowedByLeaving) {
  std::stop_source stop;
  at_each_event_ = [&] { stop.request_stop(); };
  // The build sends lines without end: a limit that each event renewed would never pass.
  UsePlan(
      "fault { build_cancel_ignored {} } "
      "build { delay_ms: 1 repeat: 1000000 event { log { line: \"on\" } } }");
  Start();
  const auto begin = std::chrono::steady_clock::now();
  const auto built = Run(stop.get_token());
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().kind, ErrorKind::cancelled);
  EXPECT_THAT(built.error().message, HasSubstr("keeps the build's slot"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(900));
}

}  // namespace
}  // namespace zlayer::sidecar
