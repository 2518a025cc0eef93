// RunBuild against the fake daemon: one result for every way in which a build can end.

#include "zlayer/sidecar/build.h"

#include <gmock/gmock.h>
#include <malloc.h>
#include <signal.h>

#include <fstream>
#include <iterator>
#include <set>
#include <thread>
#include <vector>

#include "fake_scene.h"
#include "zlayer/proto/buildah_sidecar.pb.h"

namespace zlayer::sidecar {
namespace {

using buildah_sidecar::v1::BuildEvent;
using buildah_sidecar::v1::BuildRequest;
using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr char kHeld[] = "build { event { log { line: \"up\" } } } build { hold: true }";

BuildRequest Request() {
  BuildRequest request;
  request.add_dockerfile_paths("Dockerfile");
  return request;
}

class BuildTest : public FakeScene {
 protected:
  BuildTest() {
    options_.environment->Set("ZLAYER_FAKE_JOURNAL", directory_ / "journal");
    build_.on_event = [this](const BuildEvent& event) {
      ++events_;
      if (event.has_finished() || event.has_error()) ++ends_;
      if (then_) then_();
    };
  }

  void Start() {
    lifecycle_.emplace(config_, options_);
    auto live = lifecycle_->Ensure();
    ASSERT_TRUE(live) << live.error().message;
    live_ = *live;
  }

  Result<BuildResult> Run(std::stop_token stop = {}) {
    return RunBuild(*live_, Request(), build_, std::move(stop));
  }

  /// The error of a build on a fake with this plan.
  LifecycleError ErrorOf(const std::string& plan) {
    UsePlan(plan);
    Start();
    const auto built = Run();
    if (built) return {};
    return built.error();
  }

  std::string Journal() const {
    std::ifstream file(directory_ / "journal");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  int BuildsStarted() const {
    const std::string journal = Journal();
    int started = 0;
    for (size_t at = 0; (at = journal.find("BuildService/Build\"", at)) != journal.npos; ++at) {
      ++started;
    }
    return started;
  }

  BuildOptions build_;
  std::function<void()> then_;  // at each event
  int events_ = 0;
  int ends_ = 0;
  std::optional<SidecarLifecycle> lifecycle_;
  std::optional<LiveSidecar> live_;
};

TEST_F(BuildTest, AFinishedBuildIsAnImage) {
  Start();
  const auto built = Run();
  ASSERT_TRUE(built) << built.error().message;
  EXPECT_THAT(built->image_id, HasSubstr("sha256:"));
  EXPECT_GT(events_, 3);
  EXPECT_EQ(ends_, 1);
}

TEST_F(BuildTest, EveryBuildHasAnIdOfItsOwn) {
  Start();
  std::set<std::string> ids;
  for (int i = 0; i < 3; ++i) ids.insert(Run().value().request_id);
  EXPECT_EQ(ids.size(), 3u);
  EXPECT_THAT(Journal(), HasSubstr(*ids.begin()));
  BuildRequest named = Request();
  named.set_request_id("mine");
  EXPECT_EQ(RunBuild(*live_, named).value().request_id, "mine");
}

TEST_F(BuildTest, PathsAreSentAsTheSidecarSeesThem) {
  config_.context_mount = ContextMount{"/home/me", "/workspace"};
  Start();
  BuildRequest request;
  request.set_context_dir("/home/me/app");
  request.add_dockerfile_paths("/home/me/app/Dockerfile");
  request.add_dockerfile_paths("relative/Dockerfile");
  ASSERT_TRUE(RunBuild(*live_, request));
  const std::string journal = Journal();
  EXPECT_THAT(journal, HasSubstr("context_dir: \\\"/workspace/app\\\""));
  EXPECT_THAT(journal, HasSubstr("dockerfile_paths: \\\"/workspace/app/Dockerfile\\\""));
  EXPECT_THAT(journal, HasSubstr("dockerfile_paths: \\\"relative/Dockerfile\\\""));
}

TEST_F(BuildTest, AnErrorEventIsAFailedBuild) {
  const auto error =
      ErrorOf("build { event { error { kind: \"exec\" message: \"exit 1\\nend\" } } }");
  EXPECT_EQ(error.kind, ErrorKind::build_failed);
  EXPECT_EQ(error.build_error_kind, "exec");
  EXPECT_EQ(error.message, R"(the build failed (exec): "exit 1\nend")");
  EXPECT_EQ(ends_, 1);
}

TEST_F(BuildTest, AnEndWithoutAWordIsIncomplete) {
  const auto error = ErrorOf("fault { build_end { how: MISSING } }");
  EXPECT_EQ(error.kind, ErrorKind::build_incomplete) << error.message;
  EXPECT_EQ(ends_, 0);
}

TEST_F(BuildTest, EventsAfterTheEndAreMalformed) {
  const auto error = ErrorOf("fault { build_end { how: GOES_ON } }");
  EXPECT_EQ(error.kind, ErrorKind::build_malformed) << error.message;
  EXPECT_EQ(ends_, 1);
}

TEST_F(BuildTest, TwoEndsAreMalformed) {
  const auto error = ErrorOf("fault { build_end { how: TWICE } }");
  EXPECT_EQ(error.kind, ErrorKind::build_malformed) << error.message;
  EXPECT_EQ(ends_, 1);
}

TEST_F(BuildTest, AResultIsNotHeldBackByAStreamThatStaysOpen) {
  UsePlan("build { event { finished { image_id: \"i\" } } } build { hold: true }");
  Start();
  const auto built = Run();
  ASSERT_TRUE(built) << built.error().message;
  EXPECT_EQ(built->image_id, "i");
}

TEST_F(BuildTest, AGrpcStatusIsAFailedCall) {
  const auto error = ErrorOf("fault { build_end { how: STATUS code: 13 message: \"panic\" } }");
  EXPECT_EQ(error.kind, ErrorKind::rpc_failed);
  EXPECT_THAT(error.message, HasSubstr("INTERNAL: panic"));
}

TEST_F(BuildTest, ABuildThatTakesTooLongIsATimeout) {
  build_.timeout = milliseconds(150);
  const auto error = ErrorOf(kHeld);
  EXPECT_EQ(error.kind, ErrorKind::rpc_timeout);
  EXPECT_THAT(error.message, HasSubstr("150 ms"));
}

TEST_F(BuildTest, TheDefaultTimeoutIsTheLifecycles) {
  options_.rpc_timeout = milliseconds(150);
  EXPECT_EQ(ErrorOf(kHeld).kind, ErrorKind::rpc_timeout);
}

TEST_F(BuildTest, TheDaemonsOwnDeadlineIsATimeout) {
  const auto error = ErrorOf("build { event { error { kind: \"deadline\" message: \"late\" } } }");
  EXPECT_EQ(error.kind, ErrorKind::rpc_timeout);
  EXPECT_EQ(error.build_error_kind, "deadline");
}

TEST_F(BuildTest, AStopCancelsById) {
  std::stop_source stop;
  then_ = [&] { stop.request_stop(); };
  UsePlan(kHeld);
  Start();
  const auto built = Run(stop.get_token());
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().kind, ErrorKind::cancelled) << built.error().message;
  EXPECT_EQ(ends_, 1);  // the daemon's own error event, not our leaving
  EXPECT_THAT(Journal(), HasSubstr("BuildService/Cancel"));
}

TEST_F(BuildTest, AStopBeforeTheCallSendsNothing) {
  Start();
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(Run(stop.get_token()).error().kind, ErrorKind::cancelled);
  EXPECT_THAT(Journal(), testing::Not(HasSubstr("BuildService/Build")));
}

TEST_F(BuildTest, ABuildThatWaitsForItsTurnIsLeftAtOnce) {
  UsePlan(kHeld);
  Start();
  std::stop_source first_stop;
  std::stop_source second_stop;
  Result<BuildResult> second;
  std::jthread waits;
  then_ = [&] {
    if (events_ > 1) return;
    // The only slot is taken: this one is queued, and has no id to be cancelled by.
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

TEST_F(BuildTest, ACancelThatIsNotAnsweredIsFollowedByLeaving) {
  std::stop_source stop;
  then_ = [&] {
    ::kill(live_->pid().value(), SIGSTOP);
    stop.request_stop();
  };
  UsePlan(kHeld);
  Start();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(Run(stop.get_token()).error().kind, ErrorKind::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(900));
}

TEST_F(BuildTest, ACancelWithoutEffectIsFollowedByLeaving) {
  std::stop_source stop;
  then_ = [&] { stop.request_stop(); };
  // The lines keep coming: a wait for silence would never be over.
  UsePlan(
      "fault { build_cancel_ignored {} } "
      "build { delay_ms: 1 repeat: 1000000 event { log { line: \"on\" } } }");
  Start();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(Run(stop.get_token()).error().kind, ErrorKind::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(900));
}

TEST_F(BuildTest, ALossBeforeAnyEventIsRetryable) {
  const auto error = ErrorOf("fault { build_crash { code: 3 } }");
  EXPECT_EQ(error.kind, ErrorKind::sidecar_lost) << error.message;
  EXPECT_EQ(error.exit_code, 3);
  EXPECT_TRUE(error.retryable);
}

TEST_F(BuildTest, ALossAfterAnEventIsNot) {
  then_ = [this] { ::kill(live_->pid().value(), SIGKILL); };
  const auto error = ErrorOf(kHeld);
  EXPECT_EQ(error.kind, ErrorKind::sidecar_lost) << error.message;
  EXPECT_EQ(error.signal, SIGKILL);
  EXPECT_FALSE(error.retryable);
}

TEST_F(BuildTest, ARaceWithTheIdleExitIsRetryable) {
  const auto error = ErrorOf("fault { build_crash { refuse: true delay_ms: 30 } }");
  EXPECT_EQ(error.kind, ErrorKind::sidecar_lost) << error.message;
  EXPECT_EQ(error.exit_code, 0);
  EXPECT_TRUE(error.retryable);
}

TEST_F(BuildTest, ManyBuildsAtOnceHaveOneResultEach) {
  Start();
  std::vector<Result<BuildResult>> results(16);
  {
    std::vector<std::jthread> builders;
    for (auto& result : results) {
      builders.emplace_back([&] { result = RunBuild(*live_, Request()); });
    }
  }
  std::set<std::string> ids;
  for (const auto& result : results) {
    ASSERT_TRUE(result) << result.error().message;
    ids.insert(result->request_id);
  }
  EXPECT_EQ(ids.size(), results.size());
}

TEST_F(BuildTest, LinesThatWereReadLeaveNothingBehind) {
  UsePlan("build { repeat: 100000 event { log { line: \"" + std::string(512, 'x') +
          "\" } } } build { event { finished { image_id: \"i\" } } }");
  Start();
  size_t soon = 0;  // bytes allocated
  then_ = [&] {
    if (events_ == 10'000) soon = ::mallinfo2().uordblks;
  };
  const auto built = Run();
  ASSERT_TRUE(built) << built.error().message;
  EXPECT_EQ(events_, 100'001);
  EXPECT_LT(::mallinfo2().uordblks, soon + 8 * 1024 * 1024);
}

}  // namespace
}  // namespace zlayer::sidecar
