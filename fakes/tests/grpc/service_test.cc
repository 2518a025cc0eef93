// The honest fake's service (protocol section 4) and its drain (section 5), seen by a gRPC C++
// client.

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/client_unary_call.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "fakes/tests/grpc/service_client.h"

namespace zlayer::fakes {
namespace {

using namespace buildah_sidecar::v1;  // NOLINT: the tests use most messages of the wire
using grpc::StatusCode;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

/// A build that never ends by itself. Its first event tells the test that it has begun.
constexpr char kHeldBuild[] = "build { event { stage_started {} } } build { hold: true }";

/// A Build RPC whose first event has been read.
struct OpenBuild {
  OpenBuild(Service& service, const std::string& id)
      : context(NewContext()), reader(service.stub().Build(context.get(), RequestOf(id))) {}

  bool Begun() { return reader->Read(&event); }

  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::ClientReader<BuildEvent>> reader;
  BuildEvent event;
};

TEST(ServiceTest, HealthIsServing) {
  Service service;
  HealthResponse response;
  const auto context = NewContext();
  ASSERT_TRUE(service.stub().Health(context.get(), {}, &response).ok());
  EXPECT_EQ(response.status(), HealthResponse::SERVING);
  EXPECT_TRUE(service.fake().WaitForEntry([](const v1::JournalEntry& entry) {
    return entry.has_rpc_ended() &&
           entry.rpc_ended().method() == "/zlayer.buildah_sidecar.v1.BuildService/Health";
  }));
}

TEST(ServiceTest, InspectTellsTheStorageFlags) {
  TemporaryDirectory storage;
  Service service({.arguments = {"--storage-root", storage.path(), "--storage-driver", "overlay"}});
  InspectResponse response;
  const auto context = NewContext();
  ASSERT_TRUE(service.stub().Inspect(context.get(), {}, &response).ok());
  EXPECT_EQ(response.storage_root(), storage.path());
  EXPECT_EQ(response.storage_driver(), "overlay");
  EXPECT_NE(response.sidecar_version(), "");
  ASSERT_EQ(response.supported_platforms_size(), 1);
  EXPECT_THAT(response.supported_platforms(0), StartsWith("linux/"));
}

TEST(BuildTest, EndsWithExactlyOneFinished) {
  Service service;
  const auto events = service.Build(RequestOf("a"));
  ASSERT_GT(events.size(), 2u);
  EXPECT_TRUE(events.front().has_stage_started());
  for (size_t i = 0; i + 1 < events.size(); ++i) {
    EXPECT_FALSE(events[i].has_finished() || events[i].has_error()) << i;
  }
  EXPECT_THAT(events.back().finished().image_id(), MatchesRegex("sha256:[0-9a-f]{64}"));
}

TEST(BuildTest, PlaysThePlansSteps) {
  Service service({.plan = R"(build { event { log { line: "one" } } }
                              build { delay_ms: 50 event { warning { message: "two" } } }
                              build { event { error { kind: "exec" message: "three" } } })"});
  const auto events = service.Build(RequestOf("a"));
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].log().line(), "one");
  EXPECT_EQ(events[1].warning().message(), "two");
  EXPECT_EQ(events[2].error().message(), "three");
}

TEST(BuildTest, BadRequestsEndInAParseError) {
  Service service;
  std::vector<BuildRequest> bad(5, RequestOf("a"));
  bad[0].clear_dockerfile_paths();
  bad[1].set_format("zip");
  bad[2].add_platforms("amd64");
  bad[3].set_pull_policy("sometimes");
  bad[4].set_isolation("none");
  for (const BuildRequest& request : bad) {
    const auto events = service.Build(request);
    ASSERT_EQ(events.size(), 1u) << request.ShortDebugString();
    EXPECT_EQ(events[0].error().kind(), "parse") << request.ShortDebugString();
  }
  BuildRequest good = RequestOf("a");
  good.set_format("docker");
  good.add_platforms("linux/arm64/v8");
  good.set_pull_policy("ifnewer");
  good.set_isolation("chroot");
  EXPECT_TRUE(service.Build(good).back().has_finished());
}

TEST(BuildTest, CancelEndsTheStreamWithCancelled) {
  Service service({.plan = kHeldBuild});
  OpenBuild build(service, "a");
  ASSERT_TRUE(build.Begun());
  EXPECT_FALSE(service.Cancel("b"));
  EXPECT_FALSE(service.Cancel(""));
  EXPECT_TRUE(service.Cancel("a"));
  ASSERT_TRUE(build.reader->Read(&build.event));
  EXPECT_EQ(build.event.error().kind(), "cancelled");
  EXPECT_FALSE(build.reader->Read(&build.event));
  EXPECT_TRUE(build.reader->Finish().ok());
  EXPECT_FALSE(service.Cancel("a"));
}

TEST(BuildTest, CancelEndsADelay) {
  Service service({.plan = "build { event { stage_started {} } } "
                           "build { delay_ms: 3600000 event { finished {} } }"});
  OpenBuild build(service, "a");
  ASSERT_TRUE(build.Begun());
  EXPECT_TRUE(service.Cancel("a"));
  ASSERT_TRUE(build.reader->Read(&build.event));
  EXPECT_EQ(build.event.error().kind(), "cancelled");
}

TEST(BuildTest, RunningIdCannotBeRegisteredAgain) {
  Service service({.plan = kHeldBuild, .arguments = {"--max-concurrent", "2"}});
  OpenBuild first(service, "a");
  ASSERT_TRUE(first.Begun());
  const auto events = service.Build(RequestOf("a"));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].error().kind(), "register");
  EXPECT_TRUE(service.Cancel("a"));
}

TEST(BuildTest, EmptyIdsAreMadeUpAndDoNotCollide) {
  Service service({.plan = kHeldBuild, .arguments = {"--max-concurrent", "2"}});
  OpenBuild first(service, "");
  OpenBuild second(service, "");
  EXPECT_TRUE(first.Begun());
  EXPECT_TRUE(second.Begun());
  EXPECT_TRUE(first.event.has_stage_started() && second.event.has_stage_started());
}

/// Waits until the fake has read the request of build `id`.
bool HasArrived(Service& service, const std::string& id) {
  return service.fake().WaitForEntry([&](const v1::JournalEntry& entry) {
    return entry.rpc_started().detail().find("\"" + id + "\"") != std::string::npos;
  });
}

TEST(BuildTest, BeyondMaxConcurrentQueuesAndCannotBeCancelledById) {
  Service service({.plan = kHeldBuild});
  OpenBuild running(service, "a");
  ASSERT_TRUE(running.Begun());
  OpenBuild waiting(service, "b");
  ASSERT_TRUE(HasArrived(service, "b"));
  EXPECT_FALSE(service.Cancel("b"));
  EXPECT_TRUE(service.Cancel("a"));
  ASSERT_TRUE(waiting.Begun());
  EXPECT_TRUE(waiting.event.has_stage_started());
  EXPECT_TRUE(service.Cancel("b"));
}

TEST(BuildTest, ClientThatGoesAwayFreesItsPlace) {
  Service service({.plan = kHeldBuild});
  OpenBuild running(service, "a");
  ASSERT_TRUE(running.Begun());
  OpenBuild waiting(service, "b");
  ASSERT_TRUE(HasArrived(service, "b"));
  waiting.context->TryCancel();
  running.context->TryCancel();
  OpenBuild next(service, "a");
  ASSERT_TRUE(next.Begun());
  EXPECT_TRUE(next.event.has_stage_started());
}

class PostBuildTest : public ::testing::Test {
 protected:
  using Stub = buildah_sidecar::v1::BuildService::Stub;

  void SetUp() override {
    BuildRequest request = RequestOf("a");
    request.add_tags("localhost/app:1");
    ASSERT_TRUE(service_.Build(request).back().has_finished());
  }

  StatusCode Tag(const std::string& image, const std::string& tag) {
    TagRequest request;
    request.set_image(image);
    request.set_new_tag(tag);
    TagResponse response;
    return service_.Call<TagRequest, TagResponse>(&Stub::Tag, request, &response).error_code();
  }

  StatusCode Push(const std::string& image, const std::string& destination) {
    PushRequest request;
    request.set_image(image);
    request.set_destination(destination);
    return service_.Call<PushRequest, PushResponse>(&Stub::Push, request, &pushed_).error_code();
  }

  StatusCode Create(const std::string& name) {
    ManifestCreateRequest request;
    request.set_name(name);
    ManifestCreateResponse response;
    return service_
        .Call<ManifestCreateRequest, ManifestCreateResponse>(&Stub::ManifestCreate, request,
                                                             &response)
        .error_code();
  }

  StatusCode Add(const std::string& manifest, const std::string& image) {
    ManifestAddRequest request;
    request.set_manifest(manifest);
    request.set_image(image);
    ManifestAddResponse response;
    return service_
        .Call<ManifestAddRequest, ManifestAddResponse>(&Stub::ManifestAdd, request, &response)
        .error_code();
  }

  StatusCode PushManifest(const std::string& name, const std::string& destination) {
    ManifestPushRequest request;
    request.set_name(name);
    request.set_destination(destination);
    ManifestPushResponse response;
    return service_
        .Call<ManifestPushRequest, ManifestPushResponse>(&Stub::ManifestPush, request, &response)
        .error_code();
  }

  Service service_;
  PushResponse pushed_;
};

TEST_F(PostBuildTest, TagPushAndManifestsOfWhatWasBuilt) {
  EXPECT_EQ(Tag("localhost/app:1", "registry.example:5000/team/app:2"), StatusCode::OK);
  EXPECT_EQ(Push("registry.example:5000/team/app:2", "docker://registry.example/team/app"),
            StatusCode::OK);
  EXPECT_THAT(pushed_.pushed_digest(), MatchesRegex("sha256:[0-9a-f]{64}"));
  EXPECT_EQ(Create("localhost/list"), StatusCode::OK);
  EXPECT_EQ(Add("localhost/list", "localhost/app:1"), StatusCode::OK);
  EXPECT_EQ(PushManifest("localhost/list", "registry.example/team/list:1"), StatusCode::OK);
}

TEST_F(PostBuildTest, MissingFieldsAndBadReferencesAreInvalid) {
  EXPECT_EQ(Tag("", "b"), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Tag("localhost/app:1", ""), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Push("localhost/app:1", ""), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Create(""), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Add("localhost/list", ""), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(PushManifest("", "b"), StatusCode::INVALID_ARGUMENT);
  for (const char* bad : {"Upper/case", "a b", "a//b", "a:", "a:b:c", "a@sha256:12", "-a"}) {
    EXPECT_EQ(Tag("localhost/app:1", bad), StatusCode::INVALID_ARGUMENT) << bad;
  }
}

TEST_F(PostBuildTest, UnknownImagesAndManifestsAreNotFound) {
  EXPECT_EQ(Tag("localhost/other", "b"), StatusCode::NOT_FOUND);
  EXPECT_EQ(Push("localhost/other", "b"), StatusCode::NOT_FOUND);
  EXPECT_EQ(Add("localhost/list", "localhost/app:1"), StatusCode::NOT_FOUND);
  EXPECT_EQ(PushManifest("localhost/list", "b"), StatusCode::NOT_FOUND);
  EXPECT_EQ(Create("localhost/list"), StatusCode::OK);
  EXPECT_EQ(Create("localhost/list"), StatusCode::INTERNAL);
  EXPECT_EQ(Add("localhost/list", "localhost/other"), StatusCode::NOT_FOUND);
}

TEST(DrainTest, OpenBuildIsLetToItsEnd) {
  Service service({.plan = "build { event { stage_started {} } } "
                           "build { delay_ms: 500 event { finished { image_id: \"x\" } } }"});
  OpenBuild build(service, "a");
  ASSERT_TRUE(build.Begun());
  service.fake().process().Kill(SIGTERM);
  ASSERT_TRUE(build.reader->Read(&build.event));
  EXPECT_TRUE(build.event.has_finished());
  EXPECT_TRUE(build.reader->Finish().ok());
  EXPECT_EQ(service.fake().process().Wait(), Ended::WithCode(0));
}

TEST(DrainTest, IdleConnectionBesideAnOpenBuildDoesNotHoldItUp) {
  // gRPC's client looks at an idle connection every 5 s only, and acknowledges no PING before.
  Service service({.plan = "unacknowledged_ms: 50 "
                           "build { event { stage_started {} } } "
                           "build { delay_ms: 300 event { finished { image_id: \"x\" } } }"});
  const auto idle = service.NewChannel();
  ASSERT_TRUE(idle->WaitForConnected(std::chrono::system_clock::now() + kPatience));
  OpenBuild build(service, "a");
  ASSERT_TRUE(build.Begun());
  service.fake().process().Kill(SIGTERM);
  ASSERT_TRUE(build.reader->Read(&build.event));
  EXPECT_TRUE(build.reader->Finish().ok());
  EXPECT_EQ(service.fake().process().Wait(std::chrono::milliseconds(2'000)), Ended::WithCode(0));
}

TEST(DrainTest, HeldBuildIsEndedAfterTenSeconds) {
  Service service({.plan = kHeldBuild});
  OpenBuild build(service, "a");
  ASSERT_TRUE(build.Begun());
  const auto begun = std::chrono::steady_clock::now();
  service.fake().process().Kill(SIGTERM);
  EXPECT_EQ(service.fake().process().Wait(), Ended::WithCode(0));
  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(9'900));
  EXPECT_FALSE(build.reader->Read(&build.event));
  EXPECT_FALSE(build.reader->Finish().ok());
}

TEST(DrainTest, IdleClockWaitsForARunningBuild) {
  Service service({.plan = std::string("idle_tick_ms: 200 unacknowledged_ms: 50 ") + kHeldBuild,
                   .arguments = {"--idle-secs", "1"}});
  OpenBuild build(service, "a");
  ASSERT_TRUE(build.Begun());
  EXPECT_TRUE(service.fake().process().LivesFor(std::chrono::milliseconds(2'500)));
  EXPECT_TRUE(service.Cancel("a"));
  EXPECT_EQ(service.fake().process().Wait(), Ended::WithCode(0));
}

TEST(TlsOffTest, ServesGrpcInPlaintext) {
  Fake fake({.plan = "fault { tls_off {} }"});
  const auto channel =
      grpc::CreateChannel("127.0.0.1:" + fake.ReadPort(), grpc::InsecureChannelCredentials());
  const auto stub = buildah_sidecar::v1::BuildService::NewStub(channel);
  HealthResponse response;
  const auto context = NewContext();
  EXPECT_TRUE(stub->Health(context.get(), {}, &response).ok());
  EXPECT_TRUE(fake.HasFired("tls_off"));
}

TEST(GrpcHealthTest, ReportsServingForBothNames) {
  Service service;
  for (const std::string name : {"", "zlayer.buildd.v1.BuildService"}) {
    // The stubs of grpc.health.v1 are not generated here: CancelRequest and HealthResponse have the
    // same encoding as its messages.
    CancelRequest request;
    request.set_request_id(name);
    HealthResponse response;
    const auto context = NewContext();
    const grpc::internal::RpcMethod check("/grpc.health.v1.Health/Check",
                                          grpc::internal::RpcMethod::NORMAL_RPC);
    const grpc::Status status = grpc::internal::BlockingUnaryCall(
        service.channel().get(), check, context.get(), request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.status(), HealthResponse::SERVING) << name;
  }
}

}  // namespace
}  // namespace zlayer::fakes
