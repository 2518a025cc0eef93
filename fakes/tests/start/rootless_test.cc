// The wrapper that stays around the daemon of a user who is not root.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "fakes/tests/fixture/fake.h"
#include "proto/message_file.h"

namespace zlayer::fakes {
namespace {

using ::testing::HasSubstr;

constexpr char kRootless[] = "rootless: true";

/// The daemon's process; waits for it.
pid_t DaemonOf(Fake& fake) {
  pid_t daemon = 0;
  EXPECT_TRUE(fake.WaitForEntry([&](const v1::JournalEntry& entry) {
    daemon = entry.child_started().child_pid();
    return daemon != 0;
  }));
  return daemon;
}

bool EndsWithin(Fake& fake, pid_t daemon) {
  for (int i = 0; i < 200 && kill(daemon, 0) == 0; ++i) {
    fake.process().LivesFor(std::chrono::milliseconds(10));
    const auto state = ReadFile("/proc/" + std::to_string(daemon) + "/stat");
    if (state && state->find(") Z") != state->npos) return true;  // nobody has reaped it
  }
  return kill(daemon, 0) != 0;
}

TEST(RootlessTest, TheDaemonIsAChildWithASuffixInItsName) {
  Fake fake({.plan = kRootless});
  ASSERT_NE(fake.ReadPort(), "");
  const pid_t daemon = DaemonOf(fake);
  EXPECT_NE(daemon, fake.process().pid());
  const auto line = ReadFile("/proc/" + std::to_string(daemon) + "/cmdline");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->substr(0, line->find('\0')), FakePath() + "-in-a-user-namespace");
}

TEST(RootlessTest, TheWrapperPassesSignalsOnAndExitsWithTheDaemonsStatus) {
  for (const int signal : {SIGTERM, SIGINT}) {
    Fake fake({.plan = kRootless});
    ASSERT_NE(fake.ReadPort(), "");
    fake.process().Kill(signal);
    EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
    EXPECT_THAT(fake.process().Stderr(), HasSubstr("server stopped"));
  }
  Fake fails({.plan = std::string(kRootless) + " fault { exit { code: 7 } }"});
  EXPECT_EQ(fails.process().Wait(), Ended::WithCode(7));
}

TEST(RootlessTest, HangupReachesTheDaemonAndTheSignalIsLost) {
  Fake fake({.plan = kRootless});
  ASSERT_NE(fake.ReadPort(), "");
  fake.process().Kill(SIGHUP);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(1));
}

TEST(RootlessTest, AKilledDaemonIsStatus1) {
  Fake fake({.plan = kRootless});
  ASSERT_NE(fake.ReadPort(), "");
  kill(DaemonOf(fake), SIGKILL);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(1));
}

TEST(RootlessTest, AKilledWrapperTakesTheDaemonWithIt) {
  Fake fake({.plan = kRootless});
  ASSERT_NE(fake.ReadPort(), "");
  const pid_t daemon = DaemonOf(fake);
  fake.process().Kill(SIGKILL);
  EXPECT_TRUE(fake.process().StdoutEnds());
  EXPECT_TRUE(EndsWithin(fake, daemon));
}

TEST(RootlessTest, ExcludesReExec) {
  Fake fake({.plan = std::string(kRootless) + " fault { re_exec { how: FORK } }"});
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(2));
  EXPECT_THAT(fake.process().Stderr(), HasSubstr("rootless: excludes re_exec"));
}

}  // namespace
}  // namespace zlayer::fakes
