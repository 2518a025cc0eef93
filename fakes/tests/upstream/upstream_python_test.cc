// Faults in front of a daemon that is not ours: a small one on Python's gRPC.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "fakes/tests/grpc/service_client.h"
#include "fakes/tests/upstream/programs.h"

namespace zlayer::fakes {
namespace {

using buildah_sidecar::v1::BuildEvent;
using buildah_sidecar::v1::HealthRequest;
using buildah_sidecar::v1::HealthResponse;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr size_t kEvents = 2'001;

class PythonUpstreamTest : public ::testing::Test {
 protected:
  FakeSettings InFront(const std::string& plan) const {
    return {.plan = plan, .environment = programs_.Behind(PYTHON_BUILDD_PATH)};
  }
  Programs programs_;
};

TEST_F(PythonUpstreamTest, IsServedAndStopped) {
  {
    Service service(InFront("why: \"none\""));
    HealthResponse health;
    const auto answered =
        service.Call(&buildah_sidecar::v1::BuildService::Stub::Health, HealthRequest(), &health);
    EXPECT_TRUE(answered.ok()) << answered.error_message();
    EXPECT_EQ(health.status(), HealthResponse::SERVING);
    const auto events = service.Build(RequestOf("a"));
    ASSERT_EQ(events.size(), kEvents);
    EXPECT_EQ(events.back().finished().image_id(), "i");
    service.fake().process().Kill(SIGTERM);
    EXPECT_EQ(service.fake().process().Wait(), Ended::WithCode(0));
    EXPECT_THAT(service.fake().process().Stderr(), HasSubstr("python_buildd: stopped"));
  }
  EXPECT_THAT(programs_.Left(), IsEmpty());
}

TEST_F(PythonUpstreamTest, ABuildMeetsLatencyAndAResetInItsMiddle) {
  Service service(
      InFront("fault { latency { latency_ms: 20 jitter_ms: 10 } }"
              "fault { when { times: 1 } reset_after { bytes: 50000 } }"));
  const auto context = NewContext();
  const auto reader = service.stub().Build(context.get(), RequestOf("a"));
  size_t events = 0;
  for (BuildEvent event; reader->Read(&event);) ++events;
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_GT(events, 0u);
  EXPECT_LT(events, kEvents);
  EXPECT_TRUE(service.fake().HasFired("latency"));
  EXPECT_TRUE(service.fake().HasFired("reset_after"));
  EXPECT_EQ(service.Build(RequestOf("b")).size(), kEvents);
}

TEST_F(PythonUpstreamTest, FaultsOfHttp2AndGrpcChangeItsAnswers) {
  Service service(
      InFront("fault { rpc { method: \"Health\" code: 14 message: \"by the plan\" } }"
              "fault { http2_header_block { defect: SPLIT } } fault { http2_frame { defect: "
              "UNKNOWN_TYPE } }"));
  HealthResponse health;
  const auto answered =
      service.Call(&buildah_sidecar::v1::BuildService::Stub::Health, HealthRequest(), &health);
  EXPECT_EQ(answered.error_message(), "by the plan");
  EXPECT_EQ(service.Build(RequestOf("a")).size(), kEvents);
  for (const char* fault : {"rpc", "http2_header_block", "http2_frame"}) {
    EXPECT_TRUE(service.fake().HasFired(fault)) << fault;
  }
}

TEST_F(PythonUpstreamTest, EndsWithAFakeThatIsKilledInABuild) {
  Service service(InFront("fault { bandwidth { rate_kb_s: 20 } }"));
  const auto context = NewContext();
  const auto reader = service.stub().Build(context.get(), RequestOf("a"));
  BuildEvent event;
  EXPECT_TRUE(reader->Read(&event));
  const Watched guardian(ParentOf(UpstreamOf(service.fake())));
  service.fake().process().Kill(SIGKILL);
  EXPECT_TRUE(guardian.Ends());
  EXPECT_THAT(programs_.Left(), IsEmpty());
  while (reader->Read(&event)) {
  }
  EXPECT_FALSE(reader->Finish().ok());
}

}  // namespace
}  // namespace zlayer::fakes
