// Tests of RunBuild against the fake daemon, one for each way in which a build can end.

#include <gmock/gmock.h>
#include <malloc.h>
#include <signal.h>

#include <set>
#include <thread>
#include <vector>

#include "lifecycle/tests/use/build_world.h"

namespace zlayer::sidecar {
namespace {

using buildah_sidecar::v1::BuildRequest;
using std::chrono::milliseconds;
using testing::HasSubstr;

class BuildTest : public BuildWorld {};

TEST_F(BuildTest, AFinishedBuildIsAnImage) {
  Start();
  const auto built = Run();
  ASSERT_TRUE(built) << built.error().message;
  EXPECT_THAT(built->image_id, testing::MatchesRegex("[0-9a-f]{64}"));
  EXPECT_THAT(built->manifest_ref, HasSubstr("@sha256:"));
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
  const std::string guest = directory_ / "guest";
  for (const char* path : {"guest/app/Dockerfile", "guest/app/relative/Dockerfile"}) {
    directory_.Write(path, "FROM scratch\n", 0600);
  }
  config_.context_mount = ContextMount{"/home/me", guest};
  Start();
  BuildRequest request;
  request.set_context_dir("/home/me/app");
  request.add_dockerfile_paths("/home/me/app/Dockerfile");
  request.add_dockerfile_paths("relative/Dockerfile");
  ASSERT_TRUE(RunBuild(*live_, request));
  const std::string journal = Journal();
  EXPECT_THAT(journal, HasSubstr("context_dir: \\\"" + guest + "/app\\\""));
  EXPECT_THAT(journal, HasSubstr("dockerfile_paths: \\\"" + guest + "/app/Dockerfile\\\""));
  EXPECT_THAT(journal, HasSubstr("dockerfile_paths: \\\"relative/Dockerfile\\\""));
}

TEST_F(BuildTest, ARequestThatIsNotUtf8IsRefusedAndNotSent) {
  Start();
  BuildRequest request = Request();
  request.set_context_dir("/home/Ren\xe9");
  testing::internal::CaptureStderr();
  const auto built = RunBuild(*live_, request);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");  // libprotobuf complains there
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().kind, ErrorKind::config_invalid);
  EXPECT_THAT(built.error().message, HasSubstr("context_dir"));
  EXPECT_THAT(Journal(), testing::Not(HasSubstr("BuildService/Build")));
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
  EXPECT_THAT(error.message, HasSubstr("keeps the build's slot"));
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

TEST_F(BuildTest, ALossBeforeAnyEventIsRetryable) {
  const auto error = ErrorOf("fault { build_crash { code: 3 } }");
  EXPECT_EQ(error.kind, ErrorKind::sidecar_lost) << error.message;
  EXPECT_EQ(error.exit_code, 3);
  EXPECT_TRUE(error.retryable);
}

TEST_F(BuildTest, ALossAfterAnEventIsNot) {
  at_each_event_ = [this] { ::kill(live_->pid().value(), SIGKILL); };
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
  size_t allocated_early = 0;  // bytes, after a tenth of the lines
  at_each_event_ = [&] {
    if (events_ == 10'000) allocated_early = ::mallinfo2().uordblks;
  };
  const auto built = Run();
  ASSERT_TRUE(built) << built.error().message;
  EXPECT_EQ(events_, 100'001);
  EXPECT_LT(::mallinfo2().uordblks, allocated_early + 8 * 1024 * 1024);
}

}  // namespace
}  // namespace zlayer::sidecar
