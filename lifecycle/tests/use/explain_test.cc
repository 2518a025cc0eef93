// Tests of LiveSidecar::Explain with calls on the fake daemon that fail in different ways.

#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <signal.h>

#include "lifecycle/src/text/escaped.h"
#include "lifecycle/tests/share/fake_world.h"
#include "zlayer/proto/buildah_sidecar.grpc.pb.h"

namespace zlayer::sidecar {
namespace {

using buildah_sidecar::v1::BuildEvent;
using buildah_sidecar::v1::BuildRequest;
using buildah_sidecar::v1::BuildService;
using buildah_sidecar::v1::HealthRequest;
using buildah_sidecar::v1::HealthResponse;
using buildah_sidecar::v1::TagRequest;
using buildah_sidecar::v1::TagResponse;
using testing::HasSubstr;

/// A plan: the build sends one line and then never ends.
constexpr char kHeld[] = "build { event { log { line: \"up\" } } } build { hold: true }";

/// Runs a Build stream to its end and returns its status.
grpc::Status BuildStatus(const LiveSidecar& live, grpc::ClientContext* context) {
  BuildRequest request;
  request.add_dockerfile_paths("Dockerfile");
  const auto stub = BuildService::NewStub(live.Channel());
  const auto stream = stub->Build(context, request);
  BuildEvent event;
  while (stream->Read(&event)) {
  }
  return stream->Finish();
}

/// The status of a Tag of an image that is not there: NOT_FOUND if it is answered.
grpc::Status TagStatus(const LiveSidecar& live) {
  const auto context = live.NewContext();
  TagRequest request;
  request.set_image("nowhere/none:1");
  request.set_new_tag("nowhere/none:2");
  TagResponse response;
  return BuildService::NewStub(live.Channel())->Tag(context.get(), request, &response);
}

class ExplainTest : public FakeWorld {
 protected:
  LiveSidecar Live() {
    lifecycle_.emplace(config_, options_);
    auto live = lifecycle_->Ensure();
    if (!live) ADD_FAILURE() << live.error().message;
    return std::move(live).value();
  }

  /// What Explain says of a build on a new sidecar.
  LifecycleError ErrorOfABuild() {
    const LiveSidecar live = Live();
    const auto context = live.NewContext();
    return live.Explain(BuildStatus(live, context.get()));
  }

  std::optional<SidecarLifecycle> lifecycle_;
};

TEST_F(ExplainTest, AKilledSidecarIsLostAndSaysHow) {
  UsePlan("fault { build_crash { signal: 9 } }");
  const LifecycleError error = ErrorOfABuild();
  EXPECT_EQ(error.kind, ErrorKind::sidecar_lost);
  EXPECT_EQ(error.signal, SIGKILL);
  EXPECT_TRUE(error.retryable);
  EXPECT_THAT(error.message, HasSubstr("was killed by signal 9"));
  EXPECT_THAT(error.stderr_tail, HasSubstr("zlayer-buildd ready"));
}

TEST_F(ExplainTest, ACallRefusedByALeavingDaemonIsRetryable) {
  // gRPC's status comes 30 ms before the ends of the connection and of the process.
  UsePlan("fault { build_crash { refuse: true delay_ms: 30 } }");
  const LiveSidecar live = Live();
  const auto context = live.NewContext();
  const grpc::Status status = BuildStatus(live, context.get());
  ASSERT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  const LifecycleError error = live.Explain(status);
  EXPECT_EQ(error.kind, ErrorKind::sidecar_lost);
  EXPECT_EQ(error.exit_code, 0);
  EXPECT_TRUE(error.retryable);
  EXPECT_THAT(error.message, HasSubstr("the daemon is leaving"));
}

TEST_F(ExplainTest, ACallOnASidecarThatHasStoppedIsRetryable) {
  const LiveSidecar live = Live();
  ::kill(live.pid().value(), SIGTERM);
  ASSERT_TRUE(WaitForLost(1));
  const auto context = live.NewContext();
  HealthResponse response;
  const auto stub = BuildService::NewStub(live.Channel());
  const LifecycleError error =
      live.Explain(stub->Health(context.get(), HealthRequest(), &response));
  EXPECT_EQ(error.kind, ErrorKind::sidecar_lost);
  EXPECT_EQ(error.exit_code, 0);
  EXPECT_TRUE(error.retryable);
}

TEST_F(ExplainTest, CallsThatRaceTheStopAreAnsweredOrRetryable) {
  for (int round = 0; round < 20; ++round) {
    const LiveSidecar live = Live();
    ::kill(live.pid().value(), SIGTERM);
    const auto stub = BuildService::NewStub(live.Channel());
    for (bool answered = true; answered;) {
      const auto context = live.NewContext();
      HealthResponse response;
      const grpc::Status status = stub->Health(context.get(), HealthRequest(), &response);
      answered = status.ok();
      if (answered) continue;
      const LifecycleError error = live.Explain(status);
      EXPECT_EQ(error.kind, ErrorKind::sidecar_lost) << error.message;
      // If the call ends long before the process does, the exit status is not known yet.
      EXPECT_EQ(error.exit_code.value_or(0), 0) << error.message;
      EXPECT_TRUE(error.retryable);
    }
  }
}

/// Plans: GOAWAY comes with the second call, the first after that of the start. All calls are still
/// answered, and the process lives.
constexpr char kLeaving[] =
    "fault { http2_goaway { last_stream_id: 2147483647 after_streams: 2 } }";

TEST_F(ExplainTest, AnAnswerOfALeavingSidecarStands) {
  UsePlan(kLeaving);
  const LiveSidecar live = Live();
  const grpc::Status status = TagStatus(live);
  ASSERT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  ASSERT_TRUE(WaitForLost(1));
  EXPECT_FALSE(live.alive());
  const LifecycleError error = live.Explain(status);
  EXPECT_EQ(error.kind, ErrorKind::rpc_failed) << error.message;
  EXPECT_FALSE(error.retryable);
}

TEST_F(ExplainTest, ADeadlineOnALeavingSidecarIsATimeout) {
  UsePlan(std::string(kLeaving) + kHeld);
  options_.rpc_timeout = std::chrono::milliseconds(500);
  const LiveSidecar live = Live();
  const auto context = live.NewContext();
  const grpc::Status status = BuildStatus(live, context.get());
  ASSERT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  ASSERT_TRUE(WaitForLost(1));
  const LifecycleError error = live.Explain(status);
  EXPECT_EQ(error.kind, ErrorKind::rpc_timeout) << error.message;
  EXPECT_FALSE(error.retryable);
}

TEST_F(ExplainTest, ACallBehindTheEndOfALeavingSidecarIsRetryable) {
  UsePlan(kLeaving);
  const LiveSidecar live = Live();
  ASSERT_EQ(TagStatus(live).error_code(), grpc::StatusCode::NOT_FOUND);
  ASSERT_TRUE(WaitForLost(1));
  const LifecycleError error = live.Explain(TagStatus(live));
  EXPECT_EQ(error.kind, ErrorKind::sidecar_lost) << error.message;
  EXPECT_THAT(error.message, HasSubstr("GOAWAY"));
  EXPECT_TRUE(error.retryable);
}

TEST_F(ExplainTest, UnknownFromALivingSidecarIsAFailure) {
  UsePlan("fault { build_end { how: STATUS code: 2 message: \"no idea\" } }");
  const LifecycleError error = ErrorOfABuild();
  EXPECT_EQ(error.kind, ErrorKind::rpc_failed);
  EXPECT_THAT(error.message, HasSubstr("UNKNOWN: no idea"));
  EXPECT_FALSE(error.retryable);
}

TEST_F(ExplainTest, ADeadlineIsATimeout) {
  UsePlan(kHeld);
  options_.rpc_timeout = std::chrono::milliseconds(100);
  const LifecycleError error = ErrorOfABuild();
  EXPECT_EQ(error.kind, ErrorKind::rpc_timeout);
  EXPECT_THAT(error.message, HasSubstr("DEADLINE_EXCEEDED"));
  EXPECT_FALSE(error.retryable);
}

TEST_F(ExplainTest, ACancelledCallIsCancelled) {
  UsePlan(kHeld);
  const LiveSidecar live = Live();
  const auto context = live.NewContext();
  context->TryCancel();
  EXPECT_EQ(live.Explain(BuildStatus(live, context.get())).kind, ErrorKind::cancelled);
}

TEST_F(ExplainTest, ARefusalNamesItsCodeAndItsReason) {
  const LiveSidecar live = Live();
  const grpc::Status status = TagStatus(live);
  const LifecycleError error = live.Explain(status);
  EXPECT_EQ(error.kind, ErrorKind::rpc_failed);
  EXPECT_THAT(error.message, HasSubstr("NOT_FOUND: " + Escaped(status.error_message())));
  EXPECT_FALSE(error.retryable);
}

TEST_F(ExplainTest, UnavailableFromALivingSidecarIsAFailure) {
  UsePlan("fault { build_end { how: STATUS code: 14 message: \"too busy\" } }");
  const LifecycleError error = ErrorOfABuild();
  EXPECT_EQ(error.kind, ErrorKind::rpc_failed);
  EXPECT_THAT(error.message, HasSubstr("UNAVAILABLE: too busy"));
  EXPECT_FALSE(error.retryable);
}

}  // namespace
}  // namespace zlayer::sidecar
