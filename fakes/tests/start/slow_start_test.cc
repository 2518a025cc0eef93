// Starts that are slow, are paused, or happen in another process (`re_exec`); and `version_output`.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <map>
#include <utility>

#include "fakes/tests/fixture/fake.h"

namespace zlayer::fakes {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAWhile{150};

milliseconds Since(std::chrono::steady_clock::time_point begun) {
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun);
}

/// Expects that a client with a good certificate completes its handshake.
void ExpectServes(Fake& fake, const std::string& port) {
  Process client({.program = "openssl", .arguments = ClientArguments(fake, port)});
  EXPECT_EQ(client.Wait(), Ended::WithCode(0)) << client.Stderr();
}

/// The process ids of the runs that listened, in the order of the journal.
std::vector<pid_t> DaemonPids(const Fake& fake) {
  std::vector<pid_t> pids;
  for (const v1::JournalEntry& entry : fake.Journal()) {
    if (entry.has_listening()) pids.push_back(entry.pid());
  }
  return pids;
}

TEST(DelayTest, TheLineComesLateAndTheDaemonIsWell) {
  for (const std::string phase : {"START", "BOUND"}) {
    const auto begun = std::chrono::steady_clock::now();
    Fake fake({.plan = "fault { delay { phase: " + phase + " ms: 300 } }"});
    const std::string port = fake.ReadPort();
    EXPECT_GE(Since(begun), milliseconds(300)) << phase;
    EXPECT_TRUE(fake.HasFired("delay"));
    ExpectServes(fake, port);
  }
}

TEST(DelayTest, AfterTheLineItAcceptsLate) {
  Fake fake({.plan = "fault { delay { phase: LINE ms: 300 } }"});
  const std::string port = fake.ReadPort();
  const auto begun = std::chrono::steady_clock::now();
  ExpectServes(fake, port);
  EXPECT_GE(Since(begun), kAWhile);
}

TEST(DelayTest, SigtermEndsIt) {
  Fake fake({.plan = "fault { delay { ms: 50000 } }"});
  ASSERT_TRUE(fake.WaitForFault("delay"));
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGTERM));
}

TEST(PauseTest, TheProcessGoesOnByItself) {
  for (const std::string phase : {"START", "BOUND"}) {
    const auto begun = std::chrono::steady_clock::now();
    Fake fake({.plan = "fault { pause { phase: " + phase + " ms: 300 } }"});
    const std::string port = fake.ReadPort();
    EXPECT_GE(Since(begun), milliseconds(300)) << phase;
    EXPECT_TRUE(fake.HasFired("pause"));
    ExpectServes(fake, port);
  }
}

TEST(PauseTest, SigtermWaitsUntilItGoesOn) {
  Fake fake({.plan = "fault { pause { phase: BOUND ms: 500 } }"});
  ASSERT_TRUE(fake.WaitForFault("pause"));
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGTERM));
}

TEST(PauseTest, WhileServingNobodyIsAnswered) {
  Fake fake({.plan = "fault { pause { phase: SERVING ms: 600 } }"});
  const std::string port = fake.ReadPort();
  ASSERT_TRUE(fake.WaitForFault("pause"));
  const auto begun = std::chrono::steady_clock::now();
  ExpectServes(fake, port);
  EXPECT_GE(Since(begun), kAWhile);
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
}

TEST(PauseTest, TheLifetimeEndsIt) {
  Fake fake({.plan = "lifetime_ms: 1000 fault { pause { phase: SERVING ms: 60000 } }"});
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(124));
  EXPECT_TRUE(fake.process().StdoutEnds());
}

TEST(VersionOutputTest, IsWhatThePlanSays) {
  Fake fake(
      {.plan = "fault { version_output { text: \"v\\n\" code: 4 } }", .arguments = {"--version"}});
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(4));
  EXPECT_EQ(fake.process().Stdout(), "v\n");
  EXPECT_TRUE(fake.HasFired("version_output"));
}

TEST(VersionOutputTest, HangsUntilSigterm) {
  Fake fake(
      {.plan = "fault { version_output { hang: true text: \"{\" } }", .arguments = {"--version"}});
  ASSERT_TRUE(fake.process().ReadStdoutUntil("{"));
  EXPECT_TRUE(fake.process().LivesFor(kAWhile));
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGTERM));
}

TEST(VersionOutputTest, TheLifetimeEndsAHang) {
  Fake fake({.plan = "lifetime_ms: 300 fault { version_output { hang: true } }",
             .arguments = {"--version"}});
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(124));
}

TEST(VersionOutputTest, ALaunchAndOtherPlansKnowNothingOfIt) {
  Fake launch({.plan = "fault { version_output { hang: true } }"});
  EXPECT_NE(launch.ReadPort(), "");
  for (const v1::JournalEntry& entry : launch.Journal()) EXPECT_FALSE(entry.has_fault_armed());
  Fake version({.plan = "fault { hang {} }", .arguments = {"--version"}});
  EXPECT_EQ(version.process().Wait(), Ended::WithCode(0));
  EXPECT_THAT(version.process().Stdout(), ::testing::StartsWith("{\"buildah_version\":"));
}

TEST(ReExecTest, ExecGoesOnInTheSameProcessOnce) {
  Fake fake({.plan = "fault { re_exec { how: EXEC } }"});
  const std::string port = fake.ReadPort();
  EXPECT_THAT(DaemonPids(fake), ::testing::ElementsAre(fake.process().pid()));
  int started = 0;
  for (const v1::JournalEntry& entry : fake.Journal()) started += entry.has_started() ? 1 : 0;
  EXPECT_EQ(started, 2);
  EXPECT_TRUE(fake.HasFired("re_exec"));
  ExpectServes(fake, port);
}

TEST(ReExecTest, ForkServesInAChildAndPassesTheEndOn) {
  Fake fake({.plan = "fault { re_exec { how: FORK } } fault { stop { code: 5 } }"});
  const std::string port = fake.ReadPort();
  const std::vector<pid_t> pids = DaemonPids(fake);
  ASSERT_EQ(pids.size(), 1u);
  EXPECT_NE(pids[0], fake.process().pid());
  ExpectServes(fake, port);
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(5));
  EXPECT_TRUE(fake.process().StdoutEnds());
}

TEST(ReExecTest, AnOrphanOutlivesItsLauncher) {
  Fake fake({.plan = "fault { re_exec { how: FORK orphan: true } }"});
  const std::string port = fake.ReadPort();
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGTERM));
  EXPECT_FALSE(fake.process().StdoutEnds(kAWhile));
  ExpectServes(fake, port);
}

/// How often each fault was armed and fired, by its index in the plan.
std::map<std::uint32_t, std::pair<int, int>> ArmedAndFired(Fake& fake) {
  std::map<std::uint32_t, std::pair<int, int>> counts;
  for (const v1::JournalEntry& entry : fake.Journal()) {
    if (entry.has_fault_armed()) ++counts[entry.fault_armed().index()].first;
    if (entry.has_fault_fired()) ++counts[entry.fault_fired().index()].second;
  }
  return counts;
}

TEST(ReExecTest, EachFaultIsArmedInOneOfTheRuns) {
  for (const std::string how : {"EXEC", "FORK"}) {
    Fake fake({.plan = "fault { delay { ms: 1 } } fault { re_exec { how: " + how +
                       " } } fault { delay { ms: 1 } } fault { delay { phase: LINE ms: 1 } }"
                       " fault { when { times: 1 } ignore_signals {} }"});
    ASSERT_NE(fake.ReadPort(), "");
    ASSERT_TRUE(fake.WaitForEntry(
        [](const v1::JournalEntry& entry) { return entry.fault_fired().index() == 3; }));
    fake.process().Kill(SIGTERM);
    ASSERT_TRUE(fake.WaitForFault("ignore_signals"));
    for (const auto& [index, counts] : ArmedAndFired(fake)) {
      EXPECT_EQ(counts, std::pair(1, 1)) << how << " " << index;
    }
    EXPECT_EQ(ArmedAndFired(fake).size(), 5u);
  }
}

TEST(ReExecTest, WithoutItAllFaultsAreTheOneRuns) {
  TemporaryDirectory state;
  Fake fake({.plan = "fault { when { from_launch: 2 } re_exec { how: FORK } }"
                     "fault { ignore_signals {} }",
             .environment = {{"ZLAYER_FAKE_STATE", state / "."}}});
  ASSERT_NE(fake.ReadPort(), "");
  EXPECT_THAT(ArmedAndFired(fake), ::testing::ElementsAre(::testing::Pair(1u, std::pair(1, 0))));
}

TEST(ReExecTest, TheSecondRunCountsNoLaunch) {
  TemporaryDirectory state;
  for (const std::uint32_t launch : {1u, 2u}) {
    Fake fake({.plan = "fault { re_exec { how: EXEC } }",
               .environment = {{"ZLAYER_FAKE_STATE", state / "."}}});
    EXPECT_NE(fake.ReadPort(), "");
    for (const v1::JournalEntry& entry : fake.Journal()) {
      EXPECT_TRUE(!entry.has_plan() || entry.plan().launch() == launch);
    }
  }
}

}  // namespace
}  // namespace zlayer::fakes
