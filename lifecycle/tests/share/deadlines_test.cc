// Limits that are "never", and calls with a deadline of their own.

#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <future>
#include <latch>
#include <optional>
#include <string>
#include <thread>

#include "lifecycle/tests/share/children.h"
#include "lifecycle/tests/share/fake_world.h"
#include "zlayer/proto/buildah_sidecar.grpc.pb.h"
#include "zlayer/sidecar/build.h"

namespace zlayer::sidecar {
namespace {

using buildah_sidecar::v1::BuildRequest;
using buildah_sidecar::v1::BuildService;
using buildah_sidecar::v1::InspectRequest;
using buildah_sidecar::v1::InspectResponse;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::IsEmpty;

constexpr milliseconds kNeverMs = milliseconds::max();
/// Less than any limit that a broken deadline would fall back to.
constexpr seconds kSoon{10};

class DeadlinesTest : public FakeWorld {};

TEST_F(DeadlinesTest, TheGreatestLimitsMeanNever) {
  options_.handshake_timeout = kNeverMs;
  options_.connect_timeout = kNeverMs;
  options_.rpc_timeout = kNeverMs;
  options_.grace = kNeverMs;
  options_.restarts = {0, kNeverMs, kNeverMs, kNeverMs};
  SidecarLifecycle lifecycle(config_, options_);
  {
    const auto live = lifecycle.Ensure();
    ASSERT_TRUE(live) << live.error().message;
    InspectResponse response;
    const auto status = BuildService::NewStub(live->Channel())
                            ->Inspect(live->NewContext().get(), InspectRequest(), &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    BuildRequest request;
    request.add_dockerfile_paths("Dockerfile");
    BuildOptions build;
    build.timeout = kNeverMs;
    const auto built = RunBuild(*live, request, build);
    EXPECT_TRUE(built) << built.error().message;
  }
  const auto report = lifecycle.Shutdown();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->exit_code, 0) << "a grace of `never` is no grace of 0";
  EXPECT_FALSE(report->escalated);
}

TEST_F(DeadlinesTest, APauseThatNeverEndsRefusesEveryStart) {
  UsePlan("fault { exit { code: 3 } }");
  options_.restarts = {0, kNeverMs, kNeverMs, kNeverMs};
  SidecarLifecycle lifecycle(config_, options_);
  EXPECT_FALSE(lifecycle.Ensure());
  const auto refused = lifecycle.Ensure();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::crash_loop);
  EXPECT_GT(refused.error().retry_after, std::chrono::hours(24 * 365));
}

TEST_F(DeadlinesTest, EnsureUntilReturnsAtItsDeadlineAndCancelsTheStart) {
  UsePlan("fault { hang { phase: BOUND } }");
  SidecarLifecycle lifecycle(config_, options_);
  const auto begin = steady_clock::now();
  const auto live = lifecycle.EnsureUntil(begin + milliseconds(200));
  const auto took = steady_clock::now() - begin;
  ASSERT_FALSE(live);
  EXPECT_EQ(live.error().kind, ErrorKind::cancelled) << live.error().message;
  EXPECT_GE(took, milliseconds(200));
  EXPECT_LT(took, kSoon);
  lifecycle.Shutdown();
  EXPECT_THAT(ChildrenOf(::getpid()), IsEmpty());
}

TEST_F(DeadlinesTest, TheStartGoesOnForACallerWithoutADeadline) {
  UsePlan("fault { delay { phase: BOUND ms: 1500 } }");
  SidecarLifecycle lifecycle(config_, options_);
  auto patient = std::async(std::launch::async, [&] { return lifecycle.Ensure(); });
  for (;;) {
    const auto live = lifecycle.EnsureUntil(steady_clock::now() + milliseconds(50));
    if (live) break;
    ASSERT_EQ(live.error().kind, ErrorKind::cancelled) << live.error().message;
    if (patient.wait_for(seconds(0)) == std::future_status::ready) break;
  }
  EXPECT_TRUE(patient.get());
}

TEST_F(DeadlinesTest, APastDeadlineStartsNothingAndTakesWhatIsThere) {
  SidecarLifecycle lifecycle(config_, options_);
  const auto none = lifecycle.EnsureUntil(steady_clock::time_point::min());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::cancelled);
  EXPECT_THAT(ChildrenOf(::getpid()), IsEmpty());
  ASSERT_TRUE(lifecycle.Ensure());
  EXPECT_TRUE(lifecycle.EnsureUntil(steady_clock::now()));
}

TEST_F(DeadlinesTest, ShutdownUntilTellsWhetherEverythingIsGone) {
  UsePlan("fault { ignore_signals {} }");
  options_.grace = kNeverMs;
  SidecarLifecycle lifecycle(config_, options_);
  EXPECT_TRUE(lifecycle.ShutdownUntil(steady_clock::now())) << "there is nothing";
  auto live = lifecycle.Ensure();
  ASSERT_TRUE(live) << live.error().message;
  const int pid = live->pid().value();
  live = tl::unexpected(LifecycleError{});
  const auto begin = steady_clock::now();
  const auto stopped = lifecycle.ShutdownUntil(begin + milliseconds(200));
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind, ErrorKind::cancelled) << stopped.error().message;
  EXPECT_LT(steady_clock::now() - begin, kSoon);
  ::kill(pid, SIGKILL);
  const auto report = lifecycle.Shutdown();
  ASSERT_TRUE(report) << "the later Shutdown waits for it";
  EXPECT_EQ(report->signal, SIGKILL);
}

TEST_F(DeadlinesTest, ShutdownUntilLeavesAStartThatCannotEndInTime) {
  UsePlan("fault { hang { phase: BOUND } }");
  SidecarLifecycle lifecycle(config_, options_);
  auto starting = std::async(std::launch::async, [&] { return lifecycle.Ensure(); });
  while (ChildrenOf(::getpid()).empty()) std::this_thread::yield();
  (void)lifecycle.ShutdownUntil(steady_clock::now());
  EXPECT_EQ(starting.get().error().kind, ErrorKind::cancelled);
  lifecycle.Shutdown();
  EXPECT_THAT(ChildrenOf(::getpid()), IsEmpty());
}

TEST_F(DeadlinesTest, ShutdownsAtOnceWaitForTheSameSidecar) {
  UsePlan("fault { ignore_signals {} }");
  options_.grace = kNeverMs;
  SidecarLifecycle lifecycle(config_, options_);
  auto live = lifecycle.Ensure();
  ASSERT_TRUE(live) << live.error().message;
  const int pid = live->pid().value();
  live = tl::unexpected(LifecycleError{});
  std::latch begun(1);
  auto other = std::async(std::launch::async, [&] {
    begun.count_down();
    return lifecycle.Shutdown();
  });
  begun.wait();
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(lifecycle.ShutdownUntil(steady_clock::now() + milliseconds(10)))
        << "the sidecar still runs";
  }
  ::kill(pid, SIGKILL);
  const bool reported = lifecycle.Shutdown().has_value();
  EXPECT_THAT(ChildrenOf(::getpid()), IsEmpty());
  EXPECT_NE(other.get().has_value(), reported) << "one of the two reports its end";
}

TEST_F(DeadlinesTest, AShutdownThatRunsOutOfTimeLeavesItsReportsToTheNextOne) {
  UsePlan("fault { when { launches: 1 } ignore_signals {} }");
  std::filesystem::create_directory(directory_ / "state");
  options_.environment->Set("ZLAYER_FAKE_STATE", directory_ / "state");
  options_.grace = kNeverMs;
  SidecarLifecycle lifecycle(config_, options_);
  const int stubborn = lifecycle.Ensure().value().pid().value();
  lifecycle.DropConnection();
  ASSERT_TRUE(lifecycle.Ensure());  // the newest, which stops as it is asked to
  EXPECT_FALSE(lifecycle.ShutdownUntil(steady_clock::now() + milliseconds(300)));
  ::kill(stubborn, SIGKILL);
  const auto report = lifecycle.Shutdown();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->exit_code, 0) << "the end of the newest";
}

/// The last owner of a sidecar does not wait for its end, also when it is the last user of the
/// library.
TEST_F(DeadlinesTest, TheLastHandleDoesNotWaitForTheGrace) {
  UsePlan("fault { ignore_signals {} }");
  options_.grace = seconds(60);
  std::optional<LiveSidecar> kept;
  {
    SidecarLifecycle lifecycle(config_, options_);
    auto live = lifecycle.Ensure();
    ASSERT_TRUE(live) << live.error().message;
    kept = *live;
  }
  const int pid = kept->pid().value();
  const auto begin = steady_clock::now();
  kept.reset();
  EXPECT_LT(steady_clock::now() - begin, kSoon);
  EXPECT_EQ(::kill(pid, 0), 0);
  ::kill(pid, SIGKILL);
  while (!ChildrenOf(::getpid()).empty()) std::this_thread::yield();  // its thread reaps it
}

/// Shutdown takes the start while a caller still waits for its result. Whatever that caller gets,
/// the next Shutdown waits for the sidecar's end.
TEST_F(DeadlinesTest, ASidecarWhoseStartWasTakenByShutdownIsWaitedFor) {
  UsePlan("fault { ignore_signals {} }");  // so that a sidecar nobody waits for is seen
  options_.grace = milliseconds(100);
  for (int i = 0; i < 20; ++i) {
    std::latch reached(1);
    options_.on_phase = [&](Phase phase, std::chrono::nanoseconds) {
      if (phase == Phase::probe) reached.count_down();
    };
    SidecarLifecycle lifecycle(config_, options_);
    auto starting = std::async(std::launch::async, [&] { return lifecycle.Ensure(); });
    reached.wait();
    lifecycle.Shutdown();
    auto live = starting.get();
    live = tl::unexpected(LifecycleError{});
    lifecycle.Shutdown();
    ASSERT_THAT(ChildrenOf(::getpid()), IsEmpty()) << i;
  }
}

}  // namespace
}  // namespace zlayer::sidecar
