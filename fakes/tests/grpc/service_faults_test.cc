// The fault `health`, and build events that no honest daemon of this version sends.

#include <gmock/gmock.h>
#include <grpcpp/impl/client_unary_call.h>

#include "fakes/tests/grpc/service_client.h"

namespace zlayer::fakes {
namespace {

using buildah_sidecar::v1::BuildEvent;
using buildah_sidecar::v1::BuildService;
using buildah_sidecar::v1::HealthResponse;

/// Calls grpc.health.v1. Its stubs are not generated here: CancelRequest and HealthResponse have
/// the same encoding as its messages.
HealthResponse::Status Check(Service& service) {
  const buildah_sidecar::v1::CancelRequest request;
  HealthResponse response;
  const auto context = NewContext();
  const grpc::internal::RpcMethod check("/grpc.health.v1.Health/Check",
                                        grpc::internal::RpcMethod::NORMAL_RPC);
  const grpc::Status status = grpc::internal::BlockingUnaryCall(service.channel().get(), check,
                                                                context.get(), request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response.status();
}

TEST(HealthTest, AnHonestDaemonServes) {
  Service service;
  EXPECT_EQ(Check(service), HealthResponse::SERVING);
}

TEST(HealthTest, NotServingFromTheFirstConnectionOn) {
  Service service({.plan = "fault { health { how: NOT_SERVING } }"});
  buildah_sidecar::v1::InspectResponse own;
  EXPECT_TRUE(service.Call(&BuildService::Stub::Inspect, {}, &own).ok());
  EXPECT_FALSE(service.fake().HasFired("health")) << "no client has asked for it";
  EXPECT_EQ(Check(service), HealthResponse::NOT_SERVING);
  EXPECT_TRUE(service.fake().HasFired("health"));
  EXPECT_TRUE(service.Build(RequestOf("a")).back().has_finished());
}

TEST(HealthTest, FlappingChangesAndChangesBack) {
  Service service({.plan = "fault { health { how: FLAPPING period_ms: 50 } }"});
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (const auto status : {HealthResponse::NOT_SERVING, HealthResponse::SERVING,
                            HealthResponse::NOT_SERVING, HealthResponse::SERVING}) {
    while (Check(service) != status) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    }
  }
  EXPECT_TRUE(service.fake().HasFired("health"));
}

std::vector<BuildEvent> EventsOf(const std::string& build) {
  Service service({.plan = build + " build { event { finished { image_id: \"i\" } } }"});
  std::vector<BuildEvent> events = service.Build(RequestOf("a"));
  EXPECT_TRUE(events.back().has_finished());
  return events;
}

TEST(RawEventTest, AnUnknownEventHasNoneOfTheKnown) {
  // Field 100, a message.
  const auto events = EventsOf(R"(build { raw: "\242\006\003\n\001x" })");
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].event_case(), BuildEvent::EVENT_NOT_SET);
  EXPECT_EQ(events[0].SerializeAsString(), "\xa2\x06\x03\n\x01x");
}

TEST(RawEventTest, AKnownEventWithAnUnknownField) {
  // log { line: "a" } with field 15 = 7.
  const auto events = EventsOf(R"(build { raw: "\052\005\n\001ax\007" })");
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].log().line(), "a");
}

TEST(RawEventTest, TextThatIsNotUtf8IsOnTheWire) {
  Service service({.plan = R"(build { raw: "\052\003\n\001\377" })"});
  const auto context = NewContext();
  const grpc::internal::RpcMethod build("/zlayer.buildah_sidecar.v1.BuildService/Build",
                                        grpc::internal::RpcMethod::SERVER_STREAMING);
  // Read as bytes: protobuf would refuse text that is not UTF-8.
  const std::unique_ptr<grpc::ClientReader<grpc::ByteBuffer>> reader(
      grpc::internal::ClientReaderFactory<grpc::ByteBuffer>::Create(service.channel().get(), build,
                                                                    context.get(), RequestOf("a")));
  grpc::ByteBuffer event;
  ASSERT_TRUE(reader->Read(&event));
  grpc::Slice bytes;
  ASSERT_TRUE(event.TrySingleSlice(&bytes).ok());
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(bytes.begin()), bytes.size()),
            "\x2a\x03\n\x01\xff");
}

TEST(LogBytesTest, IsALineOfThatLength) {
  const auto events = EventsOf("build { log_bytes: 1048576 repeat: 2 }");
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[1].log().line(), std::string(1 << 20, 'x'));
}

TEST(BuildPresetTest, AMillionLinesFitIntoTheMemoryOfTheFake) {
  Service service({.environment = {{"ZLAYER_FAKE_PLAN", "build-million-log-lines"}}});
  const auto context = NewContext();
  const auto reader = service.stub().Build(context.get(), RequestOf("a"));
  // A million would take too long on a busy machine.
  BuildEvent event;
  for (int i = 0; i < 20'000; ++i) ASSERT_TRUE(reader->Read(&event)) << i;
  EXPECT_EQ(event.log().line(), "hello from the build");
}

}  // namespace
}  // namespace zlayer::fakes
