// Kills hosts at random moments of a start, a use and a stop. The sidecars hide their children in
// several ways: in sessions of their own, behind wrappers, as daemons. Nothing of them may survive
// the host.
//
// ZLAYER_HOST_KILLS: the number of kills, 30 by default. ZLAYER_SEED: the seed of an earlier run,
// to repeat it.

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

/// A shape of the sidecar's process tree. `script` is a shell script that starts the fake as
/// "$FAKE".
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

/// The files, the environment and the token of the hosts, which run one after the other.
class HostSandbox {
 public:
  static HostSandbox Make() {
    auto directory = TempDirectory::Make();
    EXPECT_TRUE(directory) << directory.error();
    HostSandbox sandbox(std::move(*directory));
    const std::string data = sandbox.directory_.path() + "/data";
    EXPECT_TRUE(MakeDirectory(data));
    EXPECT_TRUE(PrepareTls(v1::World::MINTED, FAKE_BUILDD_PATH, data + "/buildd"));
    int number = 0;
    for (const Tree& tree : kTrees) {
      EXPECT_TRUE(
          WriteFile(sandbox.Binary(number++), fmt::format("#!/bin/sh\n{}\n", tree.script), 0755));
    }
    return sandbox;
  }

  /// Makes all fakes follow `plan`, the protobuf text of a FaultPlan.
  void UsePlan(const std::string& plan) {
    plan_ = directory_.path() + "/plan.txtpb";
    EXPECT_TRUE(WriteFile(plan_, plan, 0600));
  }

  EnvironmentMap Environment(int tree) const {
    EnvironmentMap environment = EnvironmentOfEveryChild();
    environment.insert({{"PATH", "/usr/bin:/bin"},
                        {"FAKE", FAKE_BUILDD_PATH},
                        {"ZLAYER_BUILDD_BIN", Binary(tree)},
                        {"ZLAYER_DATA_DIR", directory_.path() + "/data"},
                        {std::string(kTokenVariable), token_}});
    if (!plan_.empty()) environment.insert({"ZLAYER_FAKE_PLAN", plan_});
    return environment;
  }

  const std::string& token() const { return token_; }

 private:
  explicit HostSandbox(TempDirectory directory)
      : directory_(std::move(directory)), token_(NewToken()) {}

  std::string Binary(int tree) const {
    return fmt::format("{}/buildd-{}", directory_.path(), tree);
  }

  TempDirectory directory_;
  std::string token_;
  std::string plan_;  // path; empty: none
};

/// Starts a host, kills it after `delay`, and returns how long the last process of its sidecar
/// lived on.
std::chrono::nanoseconds KillHost(const HostSandbox& sandbox, const char* mode, int tree,
                                  std::chrono::microseconds delay) {
  auto host = ChildProcess::Start({SIDECAR_HOST_PATH, mode}, sandbox.Environment(tree));
  EXPECT_TRUE(host) << host.error();
  EXPECT_EQ(host->ReadLine(Deadline(kPatience)).value_or(""), "ready");
  // A sleep, because the moment of the kill is the input of this test.
  const timespec pause{0, std::chrono::nanoseconds(delay).count()};
  ::nanosleep(&pause, nullptr);
  ::kill(host->pid(), SIGKILL);
  const auto killed = steady_clock::now();
  EXPECT_EQ(host->Wait(Deadline(kPatience)), 128 + SIGKILL);
  const auto left = AwaitNone(sandbox.token(), Deadline(kPatience));
  const auto took = steady_clock::now() - killed;
  for (const TokenProcess& process : left) {
    ADD_FAILURE() << kTrees[tree].name << ", killed after " << delay.count()
                  << " us: " << process.description;
  }
  KillAll(left);
  return took;
}

/// Kills hosts of this mode at random instants of the 60 ms after they were ready.
void KillHosts(const HostSandbox& sandbox, const char* mode) {
  std::mt19937_64 random = Seeded();
  std::vector<double> milliseconds;
  for (int i = 0; i < TimesFromEnvironment("ZLAYER_HOST_KILLS", 30); ++i) {
    const int tree = std::uniform_int_distribution<int>(0, std::size(kTrees) - 1)(random);
    const int delay = std::uniform_int_distribution<int>(0, 60'000)(random);
    const auto took = KillHost(sandbox, mode, tree, std::chrono::microseconds(delay));
    milliseconds.push_back(std::chrono::duration<double, std::milli>(took).count());
    ASSERT_FALSE(testing::Test::HasFailure()) << "kill " << i;
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  fmt::print("{} hosts killed; all gone after: median {:.1f} ms, slowest {:.1f} ms\n",
             milliseconds.size(), milliseconds[milliseconds.size() / 2], milliseconds.back());
}

TEST(HostKillTest, NothingSurvivesAHostThatIsKilledAtAnyInstant) {
  KillHosts(HostSandbox::Make(), "loop");
}

/// The build lasts longer than any delay of a kill.
TEST(HostKillTest, NothingSurvivesAHostThatIsKilledInABuild) {
  HostSandbox sandbox = HostSandbox::Make();
  sandbox.UsePlan("build { log_bytes: 1000 delay_ms: 1 repeat: 1000 }");
  KillHosts(sandbox, "build");
}

class HostExitTest : public testing::TestWithParam<const char*> {};

TEST_P(HostExitTest, AnExitOfTheHostEndsEverything) {
  const HostSandbox sandbox = HostSandbox::Make();
  auto host = ChildProcess::Start({SIDECAR_HOST_PATH, GetParam()}, sandbox.Environment(0));
  ASSERT_TRUE(host) << host.error();
  EXPECT_EQ(host->Wait(Deadline(kPatience)), 0);
  for (const TokenProcess& process : AwaitNone(sandbox.token(), Deadline(kPatience))) {
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
