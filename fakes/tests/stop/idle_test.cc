// The idle clock: what moves it, and when it is looked at. The plans make the interval short.

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>

#include "fakes/tests/fixture/fake.h"
#include "fakes/tests/grpc/service_client.h"
#include "fakes/tests/http2/http2_client.h"
#include "fakes/tests/network/raw_socket.h"

namespace zlayer::fakes {
namespace {

using std::chrono::milliseconds;

/// From the line to the exit.
milliseconds Life(const Fake& fake) {
  std::int64_t begun = 0;
  std::int64_t ended = 0;
  for (const v1::JournalEntry& entry : fake.Journal()) {
    if (entry.has_printed()) begun = entry.monotonic_ns();
    if (entry.has_exiting()) ended = entry.monotonic_ns();
  }
  return std::chrono::duration_cast<milliseconds>(std::chrono::nanoseconds(ended - begun));
}

TEST(IdleTest, TheFirstLookIsFiveSecondsBehindTheLine) {
  Fake fake({.arguments = {"--idle-secs", "1"}});
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
  EXPECT_GE(Life(fake), milliseconds(5'000));
  EXPECT_LT(Life(fake), milliseconds(9'000));
}

TEST(IdleTest, AShortTimeEndsAtTheFirstLookAndALongerOneAtTheNext) {
  for (const auto& [secs, looks] : {std::pair{"1", 1}, {"2", 2}}) {
    Fake fake({.plan = "idle_tick_ms: 1200", .arguments = {"--idle-secs", secs}});
    EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
    EXPECT_GE(Life(fake), milliseconds(1'200 * looks));
    EXPECT_LT(Life(fake), milliseconds(1'200 * (looks + 1)));
  }
}

TEST(IdleTest, ZeroMeansNever) {
  Fake fake({.plan = "idle_tick_ms: 50", .arguments = {"--idle-secs", "0"}});
  ASSERT_NE(fake.ReadPort(), "");
  EXPECT_TRUE(fake.process().LivesFor(milliseconds(300)));
}

TEST(IdleTest, TheGreatestNumberMeansNever) {
  Fake fake({.plan = "idle_tick_ms: 50", .arguments = {"--idle-secs", "18446744073709551615"}});
  ASSERT_NE(fake.ReadPort(), "");
  EXPECT_TRUE(fake.process().LivesFor(milliseconds(300)));
}

TEST(IdleTest, ACallOfBuildServiceMovesTheClock) {
  Service service({.plan = "idle_tick_ms: 100", .arguments = {"--idle-secs", "1"}});
  for (int i = 0; i < 16; ++i) {
    buildah_sidecar::v1::HealthResponse response;
    ASSERT_TRUE(service.Call(&buildah_sidecar::v1::BuildService::Stub::Health, {}, &response).ok());
    EXPECT_TRUE(service.fake().process().LivesFor(milliseconds(100)));
  }
  EXPECT_EQ(service.fake().process().Wait(), Ended::WithCode(0));
}

/// Calls the method again and again until the fake sends GOAWAY. Returns how often.
int CallsUntilTheEnd(Fake& fake, const std::string& path) {
  Http2Client client(fake.ReadPort());
  int calls = 0;
  while (client.Count(NGHTTP2_GOAWAY) == 0 && !client.closed() && client.failure() == 0) {
    const auto call = client.Call(path);
    if (client.RunUntil([&] { return client.HasEnded(call); })) ++calls;
    fake.process().LivesFor(milliseconds(50));
  }
  return calls;
}

TEST(IdleTest, HealthProbesAndUnknownMethodsDoNot) {
  for (const std::string path : {"/grpc.health.v1.Health/Check", "/zlayer.Unknown/Method",
                                 "/zlayer.buildah_sidecar.v1.BuildService/Unknown"}) {
    Fake fake({.plan = Plaintext("idle_tick_ms: 100"), .arguments = {"--idle-secs", "1"}});
    EXPECT_GT(CallsUntilTheEnd(fake, path), 2) << path;
    EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
    EXPECT_LT(Life(fake), milliseconds(8'000)) << path;
  }
}

TEST(IdleTest, AnOpenConnectionDoesNot) {
  Service service(
      {.plan = "idle_tick_ms: 100 unacknowledged_ms: 100", .arguments = {"--idle-secs", "1"}});
  ASSERT_TRUE(service.channel()->WaitForConnected(std::chrono::system_clock::now() + kPatience));
  EXPECT_EQ(service.fake().process().Wait(), Ended::WithCode(0));
}

}  // namespace
}  // namespace zlayer::fakes
