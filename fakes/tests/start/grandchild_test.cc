// The fault `grandchild`: a child of the fake, and so a grandchild of the client, that outlives the
// fake and keeps its pipes open.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/syscall.h>

#include <chrono>
#include <fstream>

#include "fakes/tests/fixture/fake.h"

namespace zlayer::fakes {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAWhile{150};

/// Waits for the fault and returns the grandchild's process id from the journal; 0 if it did not
/// fire.
pid_t Grandchild(Fake& fake) {
  if (!fake.WaitForFault("grandchild")) return 0;
  for (const v1::JournalEntry& entry : fake.Journal()) {
    if (entry.has_child_started()) return entry.child_started().child_pid();
  }
  return 0;
}

pid_t ParentOf(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(stat, text);
  // "pid (name) state parent ..."; the name may contain spaces and parentheses.
  return text.empty() ? 0 : std::stoi(text.substr(text.rfind(')') + 4));
}

TEST(GrandchildTest, HoldsThePipesOpenAfterTheFakeIsGone) {
  for (const std::string phase : {"START", "BOUND", "LINE"}) {
    Fake fake({.plan = "fault { grandchild { phase: " + phase + " } }"});
    ASSERT_NE(fake.ReadPort(), "");
    const pid_t grandchild = Grandchild(fake);
    ASSERT_GT(grandchild, 0);
    EXPECT_EQ(getpgid(grandchild), getpgid(fake.process().pid()));
    fake.process().Kill(SIGTERM);
    EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
    EXPECT_FALSE(fake.process().StdoutEnds(kAWhile));
    EXPECT_EQ(kill(grandchild, SIGTERM), 0);
    EXPECT_TRUE(fake.process().StdoutEnds()) << phase;
  }
}

TEST(GrandchildTest, SetsidLeavesTheGroup) {
  Fake fake({.plan = "fault { grandchild { setsid: true } }"});
  ASSERT_NE(fake.ReadPort(), "");
  const pid_t grandchild = Grandchild(fake);
  ASSERT_GT(grandchild, 0);
  EXPECT_EQ(getsid(grandchild), grandchild);
}

TEST(GrandchildTest, StubbornOneNeedsSigkill) {
  Fake fake({.plan = "fault { grandchild { ignore_signals: true } }"});
  ASSERT_NE(fake.ReadPort(), "");
  const pid_t grandchild = Grandchild(fake);
  ASSERT_GT(grandchild, 0);
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) kill(grandchild, signal);
  EXPECT_FALSE(fake.process().StdoutEnds(kAWhile));
  kill(grandchild, SIGKILL);
  EXPECT_TRUE(fake.process().StdoutEnds());
}

TEST(GrandchildTest, DoubleForkMakesItNobodysChild) {
  Fake fake({.plan = "fault { grandchild { phase: BOUND double_fork: true } }"});
  ASSERT_NE(fake.ReadPort(), "");
  const pid_t grandchild = Grandchild(fake);
  ASSERT_GT(grandchild, 0);
  EXPECT_NE(ParentOf(grandchild), fake.process().pid());
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
  EXPECT_FALSE(fake.process().StdoutEnds(kAWhile));
  EXPECT_EQ(kill(grandchild, SIGTERM), 0);
  EXPECT_TRUE(fake.process().StdoutEnds());
}

/// Waits until the journal has `count` children, and returns the process ids of all: the
/// supervisor, then each child that it has started.
std::vector<pid_t> Started(Fake& fake, size_t count) {
  std::vector<pid_t> pids;
  fake.WaitForEntry([&](const v1::JournalEntry&) {
    pids.clear();
    for (const v1::JournalEntry& entry : fake.Journal()) {
      if (entry.has_child_started()) pids.push_back(entry.child_started().child_pid());
    }
    return pids.size() >= count;
  });
  return pids;
}

TEST(GrandchildTest, ItsSuccessorsComeUntilTheirNumberIsOver) {
  constexpr size_t kSupervisorAndFirst = 2;
  Fake fake({.plan = "fault { grandchild { respawn: 2 } }"});
  ASSERT_NE(fake.ReadPort(), "");
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
  for (size_t killed = 0; killed < 3; ++killed) {
    EXPECT_FALSE(fake.process().StdoutEnds(kAWhile)) << killed;
    const std::vector<pid_t> pids = Started(fake, kSupervisorAndFirst + killed);
    ASSERT_EQ(pids.size(), kSupervisorAndFirst + killed);
    kill(pids.back(), SIGKILL);
  }
  EXPECT_TRUE(fake.process().StdoutEnds());
}

TEST(GrandchildTest, SupervisorAndChildrenHaveTheFakesLifetime) {
  Fake fake({.plan = "lifetime_ms: 2000 fault { grandchild { respawn: 2 ignore_signals: true } }",
             .block_signals = true});
  ASSERT_NE(fake.ReadPort(), "");
  ASSERT_EQ(Started(fake, 2).size(), 2u);
  fake.process().Kill(SIGKILL);
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGKILL));
  EXPECT_TRUE(fake.process().StdoutEnds());
}

TEST(GrandchildTest, ItsLifetimeIsTheFakes) {
  Fake fake({.plan = "lifetime_ms: 2000 fault { grandchild { setsid: true ignore_signals: true } }",
             .block_signals = true});
  ASSERT_NE(fake.ReadPort(), "");
  ASSERT_GT(Grandchild(fake), 0);
  fake.process().Kill(SIGKILL);
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGKILL));
  EXPECT_TRUE(fake.process().StdoutEnds());
}

}  // namespace
}  // namespace zlayer::fakes
