// The honest fake's Health and Inspect, and its drain with builds, seen by a gRPC C++ client.

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "fakes/tests/grpc/open_build.h"

namespace zlayer::fakes {
namespace {

using namespace buildah_sidecar::v1;  // NOLINT: the tests use most messages of the wire
using ::testing::StartsWith;

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

TEST(DrainTest, IdleConnectionBesideAnOpenBuildDoesNotHoldItUp) {
  // gRPC's client looks at an idle connection every 5 s only, and acknowledges no PING before.
  Service service({.plan = "unacknowledged_ms: 50 "
                           "build { event { log { line: \"up\" } } } "
                           "build { delay_ms: 300 work: COPY event { finished {} } }"});
  const auto idle = service.NewChannel();
  ASSERT_TRUE(idle->WaitForConnected(std::chrono::system_clock::now() + kPatience));
  OpenBuild build(service, "a");
  ASSERT_TRUE(build.Next());
  service.fake().process().Kill(SIGTERM);
  ASSERT_TRUE(build.Next());
  EXPECT_TRUE(build.reader->Finish().ok());
  EXPECT_EQ(service.fake().process().Wait(std::chrono::milliseconds(2'000)), Ended::WithCode(0));
}

TEST(DrainTest, IdleClockWaitsForARunningBuild) {
  Service service({.plan = "idle_tick_ms: 200 unacknowledged_ms: 50 "
                           "build { event { log { line: \"up\" } } } "
                           "build { delay_ms: 2000 event { log { line: \"over\" } } }",
                   .arguments = {"--idle-secs", "1"}});
  OpenBuild build(service, "a");
  ASSERT_TRUE(build.Next());
  EXPECT_TRUE(service.fake().process().LivesFor(std::chrono::milliseconds(1'500)));
  while (build.Next()) {
  }
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

}  // namespace
}  // namespace zlayer::fakes
