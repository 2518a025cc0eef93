// How long a stop lasts, by what its clients do. The plans make the daemon's limits short.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <fstream>
#include <future>

#include "fakes/src/peer/limits.h"
#include "fakes/tests/fixture/log_lines.h"
#include "fakes/tests/grpc/health_call.h"
#include "fakes/tests/grpc/service_client.h"
#include "fakes/tests/http2/http2_client.h"
#include "fakes/tests/network/raw_socket.h"
#include "fakes/tests/tls/openssl_client.h"

namespace zlayer::fakes {
namespace {

using std::chrono::milliseconds;
using ::testing::Contains;
using ::testing::Not;

constexpr char kForced[] = "graceful stop timed out; forcing hard stop";
constexpr char kWatchPath[] = "/grpc.health.v1.Health/Watch";

/// The time between the stop signal, or the idle limit, and the exit.
milliseconds StopTime(const Fake& fake) {
  std::int64_t begun = 0;
  std::int64_t ended = 0;
  for (const v1::JournalEntry& entry : fake.Journal()) {
    if (entry.has_signal() && begun == 0) begun = entry.monotonic_ns();
    if (entry.has_exiting()) ended = entry.monotonic_ns();
  }
  return std::chrono::duration_cast<milliseconds>(std::chrono::nanoseconds(ended - begun));
}

/// Openssl as a client that sends the bytes after its handshake, then answers nothing and stays
/// until the fake closes.
class MuteClient {
 public:
  MuteClient(Fake& fake, const std::string& port, const std::string& bytes) {
    const std::string file = fake.directory() / "bytes";
    std::ofstream(file, std::ios::binary) << bytes;
    std::vector<std::string> arguments = UntilClosed(ClientArguments(fake, port));
    arguments.insert(arguments.end(), {"-nocommands", "-quiet"});
    process_ = std::make_unique<Process>(
        Command{.program = "openssl", .arguments = arguments, .environment = {}, .input = file});
  }

  /// What it received until its end.
  std::string Received() {
    EXPECT_TRUE(process_->Wait());
    return process_->Stdout();
  }

 private:
  std::unique_ptr<Process> process_;
};

TEST(LimitsTest, TheDeployedDaemonsAreTheDefault) {
  const daemon::Limits limits = daemon::LimitsOf({});
  EXPECT_EQ(limits.idle_tick, std::chrono::seconds(5));
  EXPECT_EQ(limits.unacknowledged, std::chrono::seconds(6));
  EXPECT_EQ(limits.drain, std::chrono::seconds(10));
  EXPECT_EQ(limits.silent, std::chrono::seconds(120));
}

TEST(DrainLimitTest, AClientThatAcknowledgesThePingDelaysNothing) {
  Service service({.plan = "unacknowledged_ms: 30000"});
  buildah_sidecar::v1::HealthResponse response;
  ASSERT_TRUE(service.Call(&buildah_sidecar::v1::BuildService::Stub::Health, {}, &response).ok());
  // gRPC acknowledges a PING only while somebody waits for something of the channel.
  auto waits = std::async(std::launch::async, [&] {
    service.channel()->WaitForStateChange(GRPC_CHANNEL_READY,
                                          std::chrono::system_clock::now() + kPatience);
  });
  service.fake().process().Kill(SIGTERM);
  EXPECT_EQ(service.fake().process().Wait(), Ended::WithCode(0));
  EXPECT_LT(StopTime(service.fake()), milliseconds(5'000));
}

TEST(DrainLimitTest, GoawayRefusesNoStreamAndAPingFollows) {
  Fake fake({.plan = Plaintext("unacknowledged_ms: 100")});
  Http2Client client(fake.ReadPort());
  // gRPC measures its first answer by a PING, and sends one PING at a time.
  const auto first = client.Call(kHealthPath);
  ASSERT_TRUE(
      client.RunUntil([&] { return client.HasEnded(first) && client.Count(NGHTTP2_PING) > 0; }));
  const auto second = client.Call(kHealthPath);
  ASSERT_TRUE(client.RunUntil([&] { return client.HasEnded(second); }));
  fake.process().Kill(SIGTERM);
  client.RunUntil([&] { return client.closed(); });
  EXPECT_EQ(client.First(NGHTTP2_GOAWAY).last_stream, 0x7fffffff);
  EXPECT_EQ(client.First(NGHTTP2_GOAWAY).code, 0U);
  EXPECT_GT(client.Count(NGHTTP2_PING), 1);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
}

TEST(DrainLimitTest, AClientThatDoesNotAcknowledgeIsWaitedFor) {
  Fake fake({.plan = "unacknowledged_ms: 400"});
  MuteClient client(fake, fake.ReadPort(), HealthCall());
  ASSERT_TRUE(
      fake.WaitForEntry([](const v1::JournalEntry& entry) { return entry.has_rpc_ended(); }));
  const auto lines = LogAtEnd(fake);
  EXPECT_GE(StopTime(fake), milliseconds(400));
  EXPECT_LT(StopTime(fake), milliseconds(10'000));
  EXPECT_THAT(MessagesOf(lines), Not(Contains(kForced)));
  EXPECT_THAT(client.Received(), testing::HasSubstr("\x7f\xff\xff\xff"));
}

TEST(DrainLimitTest, AnIdleExitWaitsForItLessLong) {
  Fake fake(
      {.plan = "unacknowledged_ms: 4800 idle_tick_ms: 300", .arguments = {"--idle-secs", "1"}});
  MuteClient client(fake, fake.ReadPort(), HealthCall());
  ASSERT_TRUE(
      fake.WaitForEntry([](const v1::JournalEntry& entry) { return entry.has_rpc_ended(); }));
  ASSERT_TRUE(fake.process().ReadStderrUntil("shutting down"));
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
  const auto took = std::chrono::steady_clock::now() - begun;
  EXPECT_GT(took, milliseconds(3'500));
  EXPECT_LT(took, milliseconds(4'800));
}

TEST(DrainLimitTest, AHealthWatchEndsWithTheHardStop) {
  Fake fake({.plan = Plaintext("drain_ms: 400 unacknowledged_ms: 100")});
  Http2Client client(fake.ReadPort());
  const auto watch = client.Call(kWatchPath);
  ASSERT_TRUE(client.RunUntil([&] { return !client.data(watch).empty(); }));
  fake.process().Kill(SIGTERM);
  client.RunUntil([&] { return client.closed(); });
  const auto lines = LogAtEnd(fake, 0);
  EXPECT_GE(StopTime(fake), milliseconds(400));
  EXPECT_EQ(LineOf(lines, kForced).Text("level"), "WARN");
  EXPECT_EQ(MessagesOf(lines).back(), "server stopped");
}

TEST(DrainLimitTest, AConnectionWithoutAWordIsWaitedForBeyondTheHardStop) {
  Fake fake({.plan = "drain_ms: 100 silent_ms: 1000"});
  const auto silent = Dial(fake.ReadPort());
  ASSERT_TRUE(
      fake.WaitForEntry([](const v1::JournalEntry& entry) { return entry.has_accepted(); }));
  const auto begun = std::chrono::steady_clock::now();
  const auto lines = LogAtEnd(fake);
  // The time runs from the connect, shortly before `begun`.
  EXPECT_GE(std::chrono::steady_clock::now() - begun, milliseconds(500));
  EXPECT_THAT(MessagesOf(lines), Contains(kForced));
  EXPECT_EQ(MessagesOf(lines).back(), "server stopped");
}

TEST(DrainLimitTest, TlsWithoutThePrefaceIsWaitedForBeyondTheHardStop) {
  Fake fake({.plan = "drain_ms: 100 unacknowledged_ms: 50 silent_ms: 1500"});
  MuteClient client(fake, fake.ReadPort(), "");
  ASSERT_TRUE(Verdict(fake).accepted());
  const auto lines = LogAtEnd(fake);
  EXPECT_GE(StopTime(fake), milliseconds(500));
  EXPECT_THAT(MessagesOf(lines), Contains(kForced));
}

TEST(DrainLimitTest, AnIdleExitWaitsForASilentConnection) {
  Fake fake({.plan = "idle_tick_ms: 100 drain_ms: 100", .arguments = {"--idle-secs", "1"}});
  auto silent = Dial(fake.ReadPort());
  ASSERT_TRUE(fake.process().ReadStderrUntil(kForced));
  EXPECT_TRUE(fake.process().LivesFor(milliseconds(300)));
  silent.Reset();
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
}

TEST(DrainLimitTest, ASilentConnectionThatGoesHoldsNothing) {
  Fake fake;
  auto silent = Dial(fake.ReadPort());
  ASSERT_TRUE(
      fake.WaitForEntry([](const v1::JournalEntry& entry) { return entry.has_accepted(); }));
  fake.process().Kill(SIGTERM);
  EXPECT_TRUE(fake.process().LivesFor(milliseconds(150)));
  silent.Reset();
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
}

TEST(DrainLimitTest, ASilentConnectionEndsWithoutAStop) {
  Fake fake({.plan = "silent_ms: 200"});
  const auto silent = Dial(fake.ReadPort());
  const Received received = Receive(silent.get());
  EXPECT_EQ(received.error, 0);
  EXPECT_EQ(received.bytes, "");
  EXPECT_FALSE(Verdict(fake).accepted());
}

TEST(DrainLimitTest, NewConnectionsAreRefusedAtOnce) {
  Fake fake;
  const std::string port = fake.ReadPort();
  const auto silent = Dial(port);
  ASSERT_TRUE(
      fake.WaitForEntry([](const v1::JournalEntry& entry) { return entry.has_accepted(); }));
  fake.process().Kill(SIGTERM);
  ASSERT_TRUE(fake.process().ReadStderrUntil("shutting down"));
  for (int i = 0; i < 100 && Dial(port); ++i) fake.process().LivesFor(milliseconds(10));
  EXPECT_FALSE(Dial(port));
  EXPECT_TRUE(fake.process().LivesFor(milliseconds(0)));
}

}  // namespace
}  // namespace zlayer::fakes
