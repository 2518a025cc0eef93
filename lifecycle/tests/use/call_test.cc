// Tests of Call: each unary RPC once, and each way in which a call can fail.

#include "zlayer/sidecar/call.h"

#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <signal.h>

#include <thread>

#include "lifecycle/tests/use/build_world.h"
#include "zlayer/proto/buildah_sidecar.grpc.pb.h"

namespace zlayer::sidecar {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;
namespace wire = buildah_sidecar::v1;
using Stub = wire::BuildService::Stub;

constexpr char kInspectUnanswered[] = "fault { rpc { method: \"Inspect\" never_answered: true } }";

class CallTest : public BuildWorld {};

TEST_F(CallTest, EveryUnaryRpcReturnsItsResponse) {
  Start();
  wire::BuildRequest build = Request();
  build.add_tags("localhost/a:1");
  ASSERT_TRUE(RunBuild(*live_, build));
  EXPECT_EQ(Call(*live_, &Stub::Inspect, {}).value().storage_driver(), "vfs");
  EXPECT_EQ(Call(*live_, &Stub::Health, {}).value().status(), wire::HealthResponse::SERVING);
  wire::CancelRequest cancel;
  cancel.set_request_id("unknown");
  EXPECT_FALSE(Call(*live_, &Stub::Cancel, cancel).value().cancelled());
  wire::TagRequest tag;
  tag.set_image("localhost/a:1");
  tag.set_new_tag("localhost/a:2");
  EXPECT_TRUE(Call(*live_, &Stub::Tag, tag));
  wire::PushRequest push;
  push.set_image("localhost/a:2");
  push.set_destination("localhost/b:1");
  EXPECT_THAT(Call(*live_, &Stub::Push, push).value().pushed_digest(), HasSubstr("sha256:"));
  wire::ManifestCreateRequest create;
  create.set_name("localhost/list:1");
  EXPECT_NE(Call(*live_, &Stub::ManifestCreate, create).value().list_id(), "");
  wire::ManifestAddRequest add;
  add.set_manifest("localhost/list:1");
  add.set_image("localhost/a:1");
  EXPECT_THAT(Call(*live_, &Stub::ManifestAdd, add).value().image_digest(), HasSubstr("sha256:"));
  wire::ManifestPushRequest push_list;
  push_list.set_name("localhost/list:1");
  push_list.set_destination("localhost/list:2");
  EXPECT_NE(Call(*live_, &Stub::ManifestPush, push_list).value().pushed_digest(), "");
}

TEST_F(CallTest, ARefusalIsExplained) {
  Start();
  wire::TagRequest tag;
  tag.set_image("localhost/none:1");
  tag.set_new_tag("localhost/none:2");
  const auto tagged = Call(*live_, &Stub::Tag, tag);
  ASSERT_FALSE(tagged);
  EXPECT_EQ(tagged.error().kind, ErrorKind::rpc_failed);
  EXPECT_THAT(tagged.error().message, HasSubstr("NOT_FOUND"));
  EXPECT_FALSE(tagged.error().retryable);
}

/// Many times, because gRPC makes only some of the calls whose deadline is just now.
TEST_F(CallTest, ALimitOfZeroOrLessSendsNothing) {
  Start();
  for (int i = 0; i < 100; ++i) {
    const auto about = Call(*live_, &Stub::Inspect, {}, {.timeout = milliseconds(-(i % 2))});
    ASSERT_FALSE(about);
    ASSERT_EQ(about.error().kind, ErrorKind::rpc_timeout);
    ASSERT_THAT(about.error().message, HasSubstr("not made: its limit is"));
    build_.timeout = milliseconds(-(i % 2));
    const auto built = Run();
    ASSERT_FALSE(built);
    ASSERT_EQ(built.error().kind, ErrorKind::rpc_timeout);
  }
  EXPECT_THAT(Journal(), Not(HasSubstr("Inspect")));
  EXPECT_THAT(Journal(), Not(HasSubstr("BuildService/Build")));
}

TEST_F(CallTest, ALimitIsATimeoutThatNamesIt) {
  UsePlan(kInspectUnanswered);
  Start();
  const auto about = Call(*live_, &Stub::Inspect, {}, {.timeout = milliseconds(50)});
  ASSERT_FALSE(about);
  EXPECT_EQ(about.error().kind, ErrorKind::rpc_timeout);
  EXPECT_THAT(about.error().message, HasSubstr("did not end within 50 ms"));
}

TEST_F(CallTest, TheDefaultLimitIsTheLifecycles) {
  UsePlan(kInspectUnanswered);
  options_.rpc_timeout = milliseconds(150);
  Start();
  EXPECT_EQ(Call(*live_, &Stub::Inspect, {}).error().kind, ErrorKind::rpc_timeout);
}

TEST_F(CallTest, TheGreatestLimitIsNone) {
  Start();
  EXPECT_TRUE(Call(*live_, &Stub::Inspect, {}, {.timeout = milliseconds::max()}));
}

TEST_F(CallTest, AStopEndsACallThatIsUnderWay) {
  UsePlan(kInspectUnanswered);
  Start();
  std::stop_source stop;
  const std::jthread stops([&] {
    while (Journal().find("BuildService/Inspect\"") == std::string::npos) {
      std::this_thread::yield();
    }
    stop.request_stop();
  });
  const auto about = Call(*live_, &Stub::Inspect, {}, {}, stop.get_token());
  ASSERT_FALSE(about);
  EXPECT_EQ(about.error().kind, ErrorKind::cancelled) << about.error().message;
}

TEST_F(CallTest, AStopBeforeTheCallSendsNothing) {
  Start();
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(Call(*live_, &Stub::Inspect, {}, {}, stop.get_token()).error().kind,
            ErrorKind::cancelled);
  EXPECT_THAT(Journal(), Not(HasSubstr("BuildService/Inspect")));
}

TEST_F(CallTest, ACallOnALostSidecarIsRetryableAndSaysHowItEnded) {
  Start();
  ::kill(live_->pid().value(), SIGKILL);
  ASSERT_TRUE(WaitForLost(1));
  const auto about = Call(*live_, &Stub::Inspect, {});
  ASSERT_FALSE(about);
  EXPECT_EQ(about.error().kind, ErrorKind::sidecar_lost);
  EXPECT_EQ(about.error().signal, SIGKILL);
  EXPECT_TRUE(about.error().retryable);
}

TEST_F(CallTest, TextThatIsNotUtf8IsRefusedWithoutShowingIt) {
  Start();
  wire::PushRequest push;
  push.set_image("localhost/a:1");
  push.mutable_auth()->set_password("hush\xff");
  testing::internal::CaptureStderr();
  const auto pushed = Call(*live_, &Stub::Push, push);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");  // libprotobuf complains there
  ASSERT_FALSE(pushed);
  EXPECT_EQ(pushed.error().kind, ErrorKind::config_invalid);
  EXPECT_THAT(pushed.error().message, HasSubstr("auth.password"));
  EXPECT_THAT(pushed.error().message, Not(HasSubstr("hush")));
  EXPECT_THAT(Journal(), Not(HasSubstr("BuildService/Push")));
}

}  // namespace
}  // namespace zlayer::sidecar
