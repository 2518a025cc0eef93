// RPCs as occasions: by chance, after a number of them, by method, and one that is never answered.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

#include "fakes/tests/grpc/service_client.h"

namespace zlayer::fakes {
namespace {

using buildah_sidecar::v1::BuildService;
using buildah_sidecar::v1::HealthResponse;
using std::chrono::milliseconds;

grpc::Status Health(BuildService::Stub& stub) {
  const auto context = NewContext();
  HealthResponse response;
  return stub.Health(context.get(), {}, &response);
}

/// Two connections to one fake, opened in this order.
struct TwoClients {
  explicit TwoClients(const FakeSettings& settings)
      : service(settings), other(BuildService::NewStub(service.NewChannel())) {
    calls.push_back({Health(service.stub()).ok()});
    calls.push_back({Health(*other).ok()});
  }
  void Call(int which) {
    calls[which].push_back(Health(which == 0 ? service.stub() : *other).ok());
  }

  Service service;
  std::unique_ptr<BuildService::Stub> other;
  std::vector<std::vector<bool>> calls;  // of each client: which were good
};

TEST(ChanceTest, DoesNotDependOnTheOrderOfConcurrentCalls) {
  constexpr int kCalls = 8;
  const FakeSettings settings{.plan =
                                  "seed: 4 fault { when { probability: 0.5 } rpc { code: 5 } }"};
  TwoClients in_turn(settings);
  TwoClients one_by_one(settings);
  for (int i = 0; i < 2 * kCalls; ++i) in_turn.Call(i % 2);
  for (int i = 0; i < 2 * kCalls; ++i) one_by_one.Call(i < kCalls ? 1 : 0);
  EXPECT_EQ(in_turn.calls, one_by_one.calls);
  EXPECT_NE(in_turn.calls[0], in_turn.calls[1]);
  EXPECT_THAT(in_turn.calls[0],
              ::testing::AllOf(::testing::Contains(true), ::testing::Contains(false)));
}

TEST(AfterRpcsTest, AWorkAtServingWaitsForThem) {
  Service service({.plan = "fault { when { after_rpcs: 3 }"
                           " exit { phase: SERVING code: 7 delay_ms: 50 } }"});
  EXPECT_TRUE(Health(service.stub()).ok());
  EXPECT_TRUE(Health(service.stub()).ok());
  EXPECT_TRUE(service.fake().process().LivesFor(milliseconds(100)));
  EXPECT_TRUE(Health(service.stub()).ok());
  EXPECT_EQ(service.fake().process().Wait(), Ended::WithCode(7));
}

TEST(AfterRpcsTest, EarlierOccasionsPass) {
  Service service({.plan = "fault { when { after_rpcs: 2 } rpc { code: 5 } }"});
  EXPECT_TRUE(Health(service.stub()).ok());
  EXPECT_TRUE(Health(service.stub()).ok());
  EXPECT_EQ(Health(service.stub()).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST(NeverAnsweredTest, TheDrainWaitsForTheCall) {
  Service service({.plan = "fault { rpc { method: \"Health\" never_answered: true } }"});
  const auto context = NewContext();
  std::thread caller([&] {
    HealthResponse response;
    EXPECT_EQ(service.stub().Health(context.get(), {}, &response).error_code(),
              grpc::StatusCode::CANCELLED);
  });
  EXPECT_TRUE(service.fake().WaitForFault("rpc"));
  service.fake().process().Kill(SIGTERM);
  EXPECT_TRUE(service.fake().process().LivesFor(milliseconds(300)));
  context->TryCancel();
  caller.join();
  EXPECT_EQ(service.fake().process().Wait(), Ended::WithCode(0));
}

}  // namespace
}  // namespace zlayer::fakes
