// What the daemon writes to stderr, and what becomes of it when nobody reads.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "fakes/tests/fixture/log_lines.h"
#include "fakes/tests/grpc/service_client.h"
#include "fakes/tests/tls/openssl_client.h"

namespace zlayer::fakes {
namespace {

using ::testing::ElementsAre;
using ::testing::MatchesRegex;

constexpr char kOpened[] = "containers/storage store initialised";
constexpr char kReady[] = "zlayer-buildd ready";

TEST(LogTest, ALineHasItsTimeLevelAndComponent) {
  Fake fake;
  ASSERT_NE(fake.ReadPort(), "");
  for (const LogLine& line : LogAtEnd(fake)) {
    EXPECT_THAT(line.Text("time"),
                MatchesRegex("[0-9-]{10}T[0-9:]{8}\\.[0-9]{9}(Z|[+-][0-9]{2}:[0-9]{2})"));
    EXPECT_EQ(line.Text("level"), "INFO");
    EXPECT_EQ(line.Text("component"), "zlayer-buildd");
    const auto keys = line.Keys();
    EXPECT_THAT(std::vector(keys.begin(), keys.begin() + 4),
                ElementsAre("time", "level", "msg", "component"));
  }
}

TEST(LogTest, OneLineIsWrittenBeforeTheHandshakeAndOneBehindIt) {
  const TemporaryDirectory place;
  Fake fake({.plan = "fault { hang { phase: BOUND } }",
             .arguments = {"--storage-root", place / "graph", "--storage-runroot", place / "run",
                           "--storage-driver", "vfs"}});
  ASSERT_TRUE(fake.WaitForFault("hang"));
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGTERM));
  const auto before = LogLines(fake.process().Stderr());
  ASSERT_THAT(MessagesOf(before), ElementsAre(kOpened));
  EXPECT_THAT(before[0].Keys(),
              ElementsAre("time", "level", "msg", "component", "graph_root", "run_root", "driver"));
  EXPECT_EQ(before[0].Text("graph_root"), place / "graph");

  Fake whole;
  const std::string port = whole.ReadPort();
  const LogLine ready = LineOf(LogAtEnd(whole), kReady);
  EXPECT_THAT(ready.Keys(),
              ElementsAre("time", "level", "msg", "component", "bind", "idle_secs",
                          "max_concurrent", "graph_root", "run_root", "driver", "sidecar_version"));
  EXPECT_EQ(ready.Text("bind"), "127.0.0.1:" + port);
}

TEST(LogTest, AStopBySignalNamesIt) {
  for (const auto& [signal, reason] :
       {std::pair{SIGTERM, "signal:terminated"}, {SIGINT, "signal:interrupt"}}) {
    Fake fake;
    ASSERT_NE(fake.ReadPort(), "");
    const auto lines = LogAtEnd(fake, signal);
    EXPECT_THAT(MessagesOf(lines), ElementsAre(kOpened, kReady, "shutting down",
                                               "graceful stop complete", "server stopped"));
    EXPECT_EQ(LineOf(lines, "shutting down").Text("reason"), reason);
  }
}

TEST(LogTest, AnIdleStopTellsForHowLong) {
  Fake fake({.plan = "idle_tick_ms: 200", .arguments = {"--idle-secs", "1"}});
  const auto lines = LogAtEnd(fake, 0);
  EXPECT_THAT(MessagesOf(lines), ElementsAre(kOpened, kReady, "idle shutdown", "shutting down",
                                             "graceful stop complete", "server stopped"));
  const LogLine idle = LineOf(lines, "idle shutdown");
  EXPECT_EQ(idle.Number("idle_seconds"), 1);
  EXPECT_GE(idle.Number("observed_gap_seconds"), 1);
  EXPECT_EQ(LineOf(lines, "shutting down").Text("reason"), "idle:1s");
}

TEST(LogTest, RefusedClientsAndCallsLeaveNoTrace) {
  Service service;
  buildah_sidecar::v1::HealthResponse response;
  EXPECT_TRUE(service.Call(&buildah_sidecar::v1::BuildService::Stub::Health, {}, &response).ok());
  const auto& fake = service.fake();
  RunOpenssl(Without(Without(ClientArguments(fake, service.port()), "-cert"), "-key"));
  EXPECT_FALSE(Verdict(service.fake(), 2).accepted());
  service.Disconnect();
  EXPECT_THAT(
      MessagesOf(LogAtEnd(service.fake())),
      ElementsAre(kOpened, kReady, "shutting down", "graceful stop complete", "server stopped"));
}

TEST(LogTest, FullFromTheStartNoLineComes) {
  Fake fake({.plan = "fault { flood { bytes: 65536 } }"});
  ASSERT_TRUE(fake.WaitForFault("flood"));
  EXPECT_FALSE(fake.process().ReadStdoutUntil("\n", std::chrono::milliseconds(150)));
  EXPECT_TRUE(fake.process().DrainStderr(65536));
  EXPECT_NE(fake.ReadPort(), "");
}

TEST(LogTest, WithoutAReaderBeforeTheLineTheDaemonDiesBySigpipe) {
  for (const bool on_stdout : {true, false}) {
    Fake fake({.plan = "fault { delay { ms: 300 } }"});
    ASSERT_TRUE(fake.WaitForFault("delay"));
    on_stdout ? fake.process().CloseStdout() : fake.process().CloseStderr();
    EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGPIPE)) << on_stdout;
  }
}

TEST(LogTest, WithoutAReaderOfStderrLaterTheDaemonDiesAtItsNextLine) {
  Fake fake;
  ASSERT_NE(fake.ReadPort(), "");
  ASSERT_TRUE(fake.process().ReadStderrUntil("sidecar_version"));  // the last line of the start
  fake.process().CloseStderr();
  EXPECT_TRUE(fake.process().LivesFor(std::chrono::milliseconds(150)));
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGPIPE));
}

}  // namespace
}  // namespace zlayer::fakes
