// Signals, as the deployed daemon and Go's runtime handle them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>

#include "fakes/tests/fixture/log_lines.h"
#include "fakes/tests/tls/openssl_client.h"

namespace zlayer::fakes {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(SignalsTest, BeforeTheLineSigtermKills) {
  for (const int signal : {SIGTERM, SIGINT}) {
    Fake fake({.plan = "fault { hang { phase: BOUND } }"});
    ASSERT_TRUE(fake.WaitForFault("hang"));
    fake.process().Kill(signal);
    EXPECT_EQ(fake.process().Wait(), Ended::BySignal(signal));
    EXPECT_EQ(fake.process().Stdout(), "");
  }
}

TEST(SignalsTest, BeforeTheLineTheyKillAFakeWhoseStderrIsFull) {
  Fake fake({.plan = "fault { flood { stream: STDERR phase: START bytes: 65536 } }"});
  ASSERT_TRUE(fake.WaitForFault("flood"));
  EXPECT_FALSE(fake.process().ReadStdoutUntil(
      "\n", std::chrono::milliseconds(300)));  // it waits to write its first line
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGTERM));
}

TEST(SignalsTest, RightBehindTheLineSigtermKillsUntilItIsHandled) {
  Fake fake({.plan = "fault { delay { phase: LINE ms: 20000 } }"});
  ASSERT_NE(fake.ReadPort(), "");
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGTERM));
}

TEST(SignalsTest, ASigtermThatWaitsWhenItIsHandledKills) {
  // The process stands still behind its line: the signal waits until it goes on.
  Fake fake({.plan = "fault { pause { phase: LINE ms: 300 } }"});
  ASSERT_NE(fake.ReadPort(), "");
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGTERM));
}

TEST(SignalsTest, HangupKills) {
  Fake fake;
  ASSERT_NE(fake.ReadPort(), "");
  fake.process().Kill(SIGHUP);
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGHUP));
}

TEST(SignalsTest, QuitAndAbortDumpStacksAndExitWithStatus2) {
  for (const auto& [signal, name] :
       {std::pair{SIGQUIT, "SIGQUIT: quit\n"}, {SIGABRT, "SIGABRT: abort\n"}}) {
    Fake fake;
    ASSERT_NE(fake.ReadPort(), "");
    fake.process().Kill(signal);
    EXPECT_EQ(fake.process().Wait(), Ended::WithCode(2));
    EXPECT_THAT(fake.process().Stderr(), HasSubstr(name));
    EXPECT_THAT(fake.process().Stderr(), HasSubstr("goroutine 1 [running]:\n"));
  }
}

TEST(SignalsTest, AnAbortOfThePlanIsADeathBySignal) {
  Fake fake({.plan = "fault { exit { signal: 6 } }"});
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGABRT));
}

TEST(SignalsTest, UserSignalsAndBrokenPipesDoNothing) {
  Fake fake;
  const std::string port = fake.ReadPort();
  for (const int signal : {SIGUSR1, SIGUSR2, SIGPIPE}) fake.process().Kill(signal);
  EXPECT_EQ(RunOpenssl(ClientArguments(fake, port)).ended, Ended::WithCode(0));
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
}

TEST(SignalsTest, FurtherSignalsChangeNothing) {
  Fake fake({.plan = "silent_ms: 500"});
  Process client(
      {.program = "openssl", .arguments = UntilClosed(ClientArguments(fake, fake.ReadPort()))});
  ASSERT_TRUE(Verdict(fake).accepted());
  for (const int signal : {SIGTERM, SIGTERM, SIGINT}) fake.process().Kill(signal);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
  EXPECT_THAT(MessagesOf(LogLines(fake.process().Stderr())),
              ElementsAre("containers/storage store initialised", "zlayer-buildd ready",
                          "shutting down", "graceful stop complete", "server stopped"));
}

}  // namespace
}  // namespace zlayer::fakes
