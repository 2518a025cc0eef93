// Daemons that stop late or with an error, that stand still at SIGTERM, or that exit by themselves.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>

#include "fakes/tests/fixture/fake.h"

namespace zlayer::fakes {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAWhile{150};

/// Waits until the fake has journaled `count` signals.
bool HasSeenSignals(Fake& fake, int count) {
  return fake.WaitForEntry([&](const v1::JournalEntry&) {
    int seen = 0;
    for (const v1::JournalEntry& entry : fake.Journal()) seen += entry.has_signal() ? 1 : 0;
    return seen >= count;
  });
}

/// Waits until the kernel reports the process as stopped.
bool IsStopped(pid_t pid) {
  siginfo_t stopped{};
  // WNOWAIT: the report stays available to the owner of the process, which must still reap it.
  return waitid(P_PID, static_cast<id_t>(pid), &stopped, WSTOPPED | WNOWAIT) == 0 &&
         stopped.si_code == CLD_STOPPED;
}

TEST(StopTest, DelayIsWaitedAndFurtherSignalsDoNotShortenIt) {
  Fake fake({.plan = "fault { stop { delay_ms: 400 code: 3 } }"});
  ASSERT_NE(fake.ReadPort(), "");
  const auto begun = std::chrono::steady_clock::now();
  fake.process().Kill(SIGTERM);
  ASSERT_TRUE(fake.WaitForFault("stop"));
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(3));
  EXPECT_GE(std::chrono::steady_clock::now() - begun, milliseconds(400));
  EXPECT_TRUE(HasSeenSignals(fake, 2));
}

TEST(StopTest, DuringTheDelayNothingIsAccepted) {
  Fake fake({.plan = "fault { stop { delay_ms: 30000 } }"});
  const std::string port = fake.ReadPort();
  fake.process().Kill(SIGINT);
  ASSERT_TRUE(fake.WaitForFault("stop"));
  Process client({.program = "openssl", .arguments = ClientArguments(fake, port)});
  EXPECT_EQ(client.Wait(), Ended::WithCode(1));
  EXPECT_TRUE(fake.process().LivesFor(kAWhile));
}

TEST(StopTest, EndsByTheSignalOfThePlan) {
  Fake fake({.plan = "fault { stop { signal: 11 } }"});
  ASSERT_NE(fake.ReadPort(), "");
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGSEGV));
}

TEST(StopTest, AnIdleExitIsHonest) {
  Fake fake(
      {.plan = "idle_tick_ms: 200 fault { stop { code: 3 } }", .arguments = {"--idle-secs", "1"}});
  ASSERT_NE(fake.ReadPort(), "");
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
  EXPECT_FALSE(fake.HasFired("stop"));
}

TEST(StopTest, TheLifetimeEndsItsDelay) {
  Fake fake({.plan = "lifetime_ms: 1000 fault { stop { delay_ms: 60000 } }"});
  ASSERT_NE(fake.ReadPort(), "");
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(124));
}

TEST(StopSelfTest, StandsStillUntilItIsContinuedAndThenStops) {
  Fake fake({.plan = "fault { when { times: 1 } stop_self {} }"});
  ASSERT_NE(fake.ReadPort(), "");
  fake.process().Kill(SIGTERM);
  ASSERT_TRUE(fake.WaitForFault("stop_self"));
  ASSERT_TRUE(IsStopped(fake.process().pid()));
  fake.process().Kill(SIGTERM);
  EXPECT_TRUE(fake.process().LivesFor(kAWhile));
  fake.process().Kill(SIGCONT);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
}

TEST(StopSelfTest, SigkillHelpsAndNothingHoldsThePipes) {
  Fake fake({.plan = "fault { stop_self {} }"});
  ASSERT_NE(fake.ReadPort(), "");
  fake.process().Kill(SIGTERM);
  ASSERT_TRUE(IsStopped(fake.process().pid()));
  fake.process().Kill(SIGKILL);
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGKILL));
  EXPECT_TRUE(fake.process().StdoutEnds());
}

TEST(StopSelfTest, TheLifetimeEndsIt) {
  Fake fake({.plan = "lifetime_ms: 1000 fault { stop_self {} }", .block_signals = true});
  ASSERT_NE(fake.ReadPort(), "");
  fake.process().Kill(SIGTERM);
  ASSERT_TRUE(IsStopped(fake.process().pid()));
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(124));
  EXPECT_TRUE(fake.process().StdoutEnds());
}

TEST(ExitWhileServingTest, ServesBeforeAndDiesWithItsConnections) {
  Fake fake({.plan = "fault { exit { phase: SERVING code: 7 delay_ms: 300 stderr: \"bye\" } }"});
  const std::string port = fake.ReadPort();
  std::vector<std::string> arguments = ClientArguments(fake, port);
  arguments.emplace_back("-ign_eof");
  Process client({.program = "openssl", .arguments = arguments});
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(7));
  EXPECT_THAT(fake.process().Stderr(), ::testing::HasSubstr("bye"));
  EXPECT_TRUE(fake.HasFired("exit"));
  EXPECT_TRUE(client.Wait());
}

TEST(ExitWhileServingTest, SigtermIsFaster) {
  Fake fake({.plan = "fault { exit { phase: SERVING code: 7 delay_ms: 50000 } }"});
  ASSERT_NE(fake.ReadPort(), "");
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
  EXPECT_FALSE(fake.HasFired("exit"));
}

}  // namespace
}  // namespace zlayer::fakes
