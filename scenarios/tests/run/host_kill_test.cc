// The host is killed at random instants of a start, a use and a stop, with sidecars that hide their
// children in every way: nothing survives.
//
// ZLAYER_HOST_KILLS: how many times, 30 by default. ZLAYER_SEED: the seed of an earlier run.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <random>

#include "scenarios/runner/process/child_process.h"
#include "scenarios/runner/process/temp_directory.h"
#include "scenarios/runner/process/token_processes.h"
#include "scenarios/runner/world/world_files.h"
#include "scenarios/tests/run/seeded.h"

namespace zlayer::scenarios {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{20};

/// A shell's last lines, after which the fake runs as "$FAKE".
struct Tree {
  const char* name;
  const char* script;
};
constexpr Tree kTrees[] = {
    {"alone", "exec \"$FAKE\" \"$@\""},
    {"a child", "sleep 60 & exec \"$FAKE\" \"$@\""},
    {"a child in a session of its own", "setsid sleep 60 & exec \"$FAKE\" \"$@\""},
    {"a double-forked daemon", "(setsid sleep 60 &) ; exec \"$FAKE\" \"$@\""},
    {"behind a wrapper", "\"$FAKE\" \"$@\" & wait"},
    {"behind a wrapper in a session of its own", "setsid \"$FAKE\" \"$@\" & wait"},
    {"a stubborn daemon behind a wrapper",
     "(setsid sh -c 'trap \"\" TERM HUP; sleep 60 & wait' &) ; \"$FAKE\" \"$@\" & wait"},
};

/// Where hosts run, one after the other.
class World {
 public:
  static World Make() {
    auto directory = TempDirectory::Make();
    EXPECT_TRUE(directory) << directory.error();
    World world(std::move(*directory));
    const std::string data = world.directory_.path() + "/data";
    EXPECT_TRUE(MakeDirectory(data));
    EXPECT_TRUE(PrepareTls(v1::World::MINTED, FAKE_BUILDD_PATH, data + "/buildd"));
    int number = 0;
    for (const Tree& tree : kTrees) {
      EXPECT_TRUE(
          WriteFile(world.Binary(number++), fmt::format("#!/bin/sh\n{}\n", tree.script), 0755));
    }
    return world;
  }

  EnvironmentMap Environment(int tree) const {
    EnvironmentMap environment = EnvironmentOfEveryChild();
    environment.insert({{"PATH", "/usr/bin:/bin"},
                        {"FAKE", FAKE_BUILDD_PATH},
                        {"ZLAYER_BUILDD_BIN", Binary(tree)},
                        {"ZLAYER_DATA_DIR", directory_.path() + "/data"},
                        {std::string(kTokenVariable), token_}});
    return environment;
  }

  const std::string& token() const { return token_; }

 private:
  explicit World(TempDirectory directory) : directory_(std::move(directory)), token_(NewToken()) {}

  std::string Binary(int tree) const {
    return fmt::format("{}/buildd-{}", directory_.path(), tree);
  }

  TempDirectory directory_;
  std::string token_;
};

/// Kills a host after `delay`; how long its sidecar's last process lived on.
std::chrono::nanoseconds KillHost(const World& world, int tree, std::chrono::microseconds delay) {
  auto host = ChildProcess::Start({SIDECAR_HOST_PATH, "loop"}, world.Environment(tree));
  EXPECT_TRUE(host) << host.error();
  EXPECT_EQ(host->ReadLine(Deadline(kPatience)).value_or(""), "ready");
  // The instant itself is the test's input.
  const timespec pause{0, std::chrono::nanoseconds(delay).count()};
  ::nanosleep(&pause, nullptr);
  ::kill(host->pid(), SIGKILL);
  const auto killed = steady_clock::now();
  EXPECT_EQ(host->Wait(Deadline(kPatience)), 128 + SIGKILL);
  const auto left = AwaitNone(world.token(), Deadline(kPatience));
  const auto took = steady_clock::now() - killed;
  for (const TokenProcess& process : left) {
    ADD_FAILURE() << kTrees[tree].name << ", killed after " << delay.count()
                  << " us: " << process.description;
  }
  KillAll(left);
  return took;
}

TEST(HostKillTest, NothingSurvivesAHostThatIsKilledAtAnyInstant) {
  const World world = World::Make();
  std::mt19937_64 random = Seeded();
  std::vector<double> milliseconds;
  for (int i = 0; i < TimesFromEnvironment("ZLAYER_HOST_KILLS", 30); ++i) {
    const int tree = std::uniform_int_distribution<int>(0, std::size(kTrees) - 1)(random);
    const int delay = std::uniform_int_distribution<int>(0, 60'000)(random);
    const auto took = KillHost(world, tree, std::chrono::microseconds(delay));
    milliseconds.push_back(std::chrono::duration<double, std::milli>(took).count());
    ASSERT_FALSE(HasFailure()) << "kill " << i;
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  fmt::print("{} hosts killed; all gone after: median {:.1f} ms, slowest {:.1f} ms\n",
             milliseconds.size(), milliseconds[milliseconds.size() / 2], milliseconds.back());
}

class HostExitTest : public testing::TestWithParam<const char*> {};

TEST_P(HostExitTest, AnExitOfTheHostEndsEverything) {
  const World world = World::Make();
  auto host = ChildProcess::Start({SIDECAR_HOST_PATH, GetParam()}, world.Environment(0));
  ASSERT_TRUE(host) << host.error();
  EXPECT_EQ(host->Wait(Deadline(kPatience)), 0);
  for (const TokenProcess& process : AwaitNone(world.token(), Deadline(kPatience))) {
    ADD_FAILURE() << process.description;
  }
}

INSTANTIATE_TEST_SUITE_P(, HostExitTest, testing::Values("statics", "exit-in-start", "quick-exit"),
                         [](const auto& mode) {
                           std::string name = mode.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace zlayer::scenarios
