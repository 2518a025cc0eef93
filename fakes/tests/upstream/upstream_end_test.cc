// The upstream and the fake end together, whichever of them ends first and whatever ends it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "fakes/tests/upstream/programs.h"
#include "zlayer/fakes/fake_directory.h"

namespace zlayer::fakes {
namespace {

using std::chrono::milliseconds;
using ::testing::IsEmpty;

constexpr milliseconds kAWhile{150};

/// Prints a line, then lives until a signal ends it, with children that nobody ends.
constexpr char kStubborn[] =
    "sleep 1000 & setsid sleep 1000 & (setsid sh -c 'trap \"\" TERM HUP INT; sleep 1000; :' &)\n"
    "echo LISTENING 127.0.0.1:1\nwait; sleep 1000\n";

TEST(UpstreamEndTest, TheFakeEndsAsItDoes) {
  const std::pair<std::string, Ended> kEnds[] = {
      {"exit { phase: SERVING }", Ended::WithCode(0)},
      {"exit { phase: SERVING code: 9 }", Ended::WithCode(9)},
      {"exit { phase: SERVING signal: 9 }", Ended::BySignal(SIGKILL)},
      {"exit { phase: SERVING signal: 15 }", Ended::BySignal(SIGTERM)},
      {"exit { phase: BOUND code: 4 }", Ended::WithCode(4)},
      {"exit { phase: BOUND signal: 10 }", Ended::BySignal(SIGUSR1)}};
  for (const auto& [fault, end] : kEnds) {
    Programs programs;
    Fake fake({.environment = programs.Behind(programs.FakeWith("fault { " + fault + " }"))});
    EXPECT_EQ(fake.process().Wait(), end) << fault;
    EXPECT_THAT(programs.Left(), IsEmpty()) << fault;
  }
}

TEST(UpstreamEndTest, ItsIdleExitIsTheFakes) {
  Programs programs;
  Fake fake({.arguments = {"--idle-secs", "1"},
             .environment = programs.Behind(programs.FakeWith("idle_tick_ms: 300"))});
  EXPECT_NE(fake.ReadPort(), "");
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
}

TEST(UpstreamEndTest, EndsWithAFakeThatExits) {
  Programs programs;
  Fake fake({.plan = "fault { exit { phase: LINE code: 3 } }",
             .environment = programs.Behind(programs.Script(kStubborn))});
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(3));
  EXPECT_THAT(programs.Left(), IsEmpty());
}

TEST(UpstreamEndTest, EndsWithAFakeThatDiesByASignalOfItsPlan) {
  Programs programs;
  Fake fake({.plan = "fault { exit { phase: SERVING signal: 12 } }",
             .environment = programs.Behind(programs.Script(kStubborn))});
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGUSR2));
  EXPECT_THAT(programs.Left(), IsEmpty());
}

TEST(UpstreamEndTest, EndsWithAFakeThatIsKilled) {
  Programs programs;
  Fake fake({.environment = programs.Behind(programs.Script(kStubborn))});
  ASSERT_NE(fake.ReadPort(), "");
  const pid_t upstream = UpstreamOf(fake);
  const Watched guardian(ParentOf(upstream));
  fake.process().Kill(SIGKILL);
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGKILL));
  EXPECT_TRUE(guardian.Ends());
  EXPECT_THAT(programs.Left(), IsEmpty());
}

TEST(UpstreamEndTest, EndsWithAFakeWhoseGroupIsKilled) {
  Programs programs;
  const auto directory = FakeDirectory::Make({.program = FakePath()});
  ASSERT_TRUE(directory) << directory.error().message;
  auto environment = directory->Environment();
  environment.merge(programs.Behind(programs.Script(kStubborn)));
  const TlsFiles tls = directory->Tls();
  auto fake = ChildProcess::Start(
      {.argv = {FakePath(), "--tls-ca", tls.ca, "--tls-cert", tls.cert, "--tls-key", tls.key},
       .environment = environment,
       .out = kPipe,
       .own_group = true});
  ASSERT_TRUE(fake) << fake.error().message;
  ASSERT_TRUE(fake->ReadLine());
  const auto started = directory->Journal().WaitFor("upstream");
  ASSERT_TRUE(started) << started.error().message;
  const Watched guardian(ParentOf(static_cast<pid_t>(started->Number("child_pid"))));
  EXPECT_EQ(kill(-fake->pid(), SIGKILL), 0);
  EXPECT_TRUE(guardian.Ends());
  EXPECT_THAT(programs.Left(), IsEmpty());
}

TEST(UpstreamEndTest, EndsWithAFakeThatIsKilledBeforeTheLine) {
  Programs programs;
  Fake fake({.environment = programs.Behind(programs.Script("sleep 1000; :"))});
  const Watched guardian(ParentOf(UpstreamOf(fake)));
  fake.process().Kill(SIGKILL);
  EXPECT_TRUE(guardian.Ends());
  EXPECT_THAT(programs.Left(), IsEmpty());
}

TEST(UpstreamEndTest, ItsOwnOrphansEndWithIt) {
  Programs programs;
  const std::string script = "(setsid sleep 1000 &) ; (setsid sleep 1000 &) ; exit 5";
  Fake fake({.environment = programs.Behind(programs.Script(script))});
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(5));
  EXPECT_THAT(programs.Left(), IsEmpty());
}

TEST(UpstreamEndTest, NeitherOutlivesTheGuardian) {
  Programs programs;
  Fake fake({.environment =
                 programs.Behind(programs.Script("echo LISTENING 127.0.0.1:1; exec sleep 1000"))});
  ASSERT_NE(fake.ReadPort(), "");
  const pid_t pid = UpstreamOf(fake);
  const Watched upstream(pid);
  ASSERT_EQ(kill(ParentOf(pid), SIGKILL), 0);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(1));
  EXPECT_TRUE(upstream.Ends());
}

TEST(UpstreamEndTest, TheLifetimeEndsBoth) {
  Programs programs;
  Fake fake(
      {.plan = "lifetime_ms: 800", .environment = programs.Behind(programs.Script(kStubborn))});
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(124));
  EXPECT_THAT(programs.Left(), IsEmpty());
}

TEST(UpstreamEndTest, WithoutALifetimeBothLiveUntilTheyAreKilled) {
  Programs programs;
  auto environment = programs.Behind(programs.FakeWith(""));
  environment["ZLAYER_FAKE_LIFETIME_MS"] = "0";
  Fake fake({.environment = environment});
  ASSERT_NE(fake.ReadPort(), "");
  EXPECT_TRUE(fake.process().LivesFor(std::chrono::milliseconds(1'500)));
}

TEST(UpstreamEndTest, TheLifetimeEndsItBehindAStoppedFake) {
  Programs programs;
  Fake fake(
      {.plan = "lifetime_ms: 800", .environment = programs.Behind(programs.Script(kStubborn))});
  ASSERT_NE(fake.ReadPort(), "");
  const Watched upstream(UpstreamOf(fake));
  fake.process().Kill(SIGSTOP);
  EXPECT_TRUE(upstream.Ends());
  fake.process().Kill(SIGCONT);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(124));
}

TEST(UpstreamEndTest, EverySignalIsPassedOn) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2}) {
    Programs programs;
    Fake fake({.environment = programs.Behind(programs.Script(
                   "trap 'exit " + std::to_string(100 + signal) + "' " + std::to_string(signal) +
                   "\necho LISTENING 127.0.0.1:1\nsleep 1000 & wait"))});
    ASSERT_NE(fake.ReadPort(), "");
    fake.process().Kill(signal);
    EXPECT_EQ(fake.process().Wait(), Ended::WithCode(100 + signal));
  }
}

TEST(UpstreamEndTest, ASignalBeforeItsLineIsPassedOn) {
  Programs programs;
  Fake fake({.environment = programs.Behind(programs.Script("exec sleep 1000"))});
  ASSERT_GT(UpstreamOf(fake), 0);
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGTERM));
}

TEST(UpstreamEndTest, IgnoredSignalsDoNotReachIt) {
  Programs programs;
  Fake fake({.plan = "fault { ignore_signals {} }",
             .environment = programs.Behind(programs.FakeWith(""))});
  ASSERT_NE(fake.ReadPort(), "");
  fake.process().Kill(SIGTERM);
  EXPECT_TRUE(fake.WaitForFault("ignore_signals"));
  EXPECT_TRUE(fake.process().LivesFor(kAWhile));
  for (const v1::JournalEntry& entry : programs.Journal()) EXPECT_FALSE(entry.has_signal());
}

TEST(UpstreamEndTest, AStopOfThePlanFollowsItsEnd) {
  Programs programs;
  Fake fake({.plan = "fault { stop { code: 7 } }",
             .environment = programs.Behind(programs.FakeWith(""))});
  AwaitServing(fake, programs);
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(7));
  const auto journal = programs.Journal();
  ASSERT_FALSE(journal.empty());
  EXPECT_EQ(journal.back().exiting().code(), 0);
}

}  // namespace
}  // namespace zlayer::fakes
