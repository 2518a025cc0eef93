// Clients of level 0: shell commands.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/runner/report/explain.h"
#include "scenarios/runner/run/run_scenario.h"

namespace zlayer::scenarios {
namespace {

using ::testing::HasSubstr;

ScenarioResult RunShell(const std::string& script, const std::string& text,
                        std::set<v1::Capability> can = {}) {
  auto entry = Catalog::Parse("a/b", "name: \"a/b\" why: \"x\"\n" + text);
  EXPECT_TRUE(entry) << entry.error();
  Rig rig;
  rig.fake = FAKE_BUILDD_PATH;
  rig.rerun = "again";
  rig.command = ClientCommand{{"/bin/sh", "-c", script}, std::move(can)};
  return RunScenario(*entry, rig);
}

constexpr char kSuccess[] = "step { ensure {} } step { shutdown {} }";
constexpr char kFailure[] =
    "step { ensure {} expect { error: \"storage\" message: \"No space\" max_ms: 200 } }";

TEST(RunCommandTest, StatusZeroIsSuccess) {
  EXPECT_EQ(RunShell("exit 0", kSuccess).status, Status::passed);
  EXPECT_THAT(Explain(RunShell("exit 3", kSuccess)), HasSubstr("exit status 3"));
  EXPECT_THAT(Explain(RunShell("exit 0", kFailure)), HasSubstr("a failure, storage"));
}

TEST(RunCommandTest, AFailureWithoutItsReasonIsNone) {
  EXPECT_EQ(RunShell("echo no space >&2; exit 1", kFailure).status, Status::passed);
  const ScenarioResult result = RunShell("echo oops; exit 1", kFailure);
  EXPECT_EQ(result.status, Status::failed);
  EXPECT_THAT(Explain(result), HasSubstr("output that names \"No space\""));
}

TEST(RunCommandTest, OneThatHangsIsKilledAndFails) {
  const ScenarioResult result = RunShell("sleep 60", kFailure);
  EXPECT_EQ(result.status, Status::failed);
  EXPECT_THAT(Explain(result), HasSubstr("its end within 1200 ms"));
}

TEST(RunCommandTest, WhatItLeavesIsTheAftermath) {
  const ScenarioResult result = RunShell("sleep 60 >/dev/null 2>&1 & exit 0", kSuccess);
  EXPECT_EQ(result.status, Status::failed);
  EXPECT_THAT(Explain(result), HasSubstr("no process of the sidecar"));
}

TEST(RunCommandTest, FindsTheDaemonAndItsLimits) {
  const std::string script =
      "test -x \"$ZLAYER_BUILDD_BIN\" && test -f \"$ZLAYER_DATA_DIR/buildd/key.pem\" && "
      "test \"$ZLAYER_SCENARIO_GRACE_MS\" = 250";
  EXPECT_EQ(RunShell(script, std::string("client { grace_ms: 250 } ") + kSuccess).status,
            Status::passed);
}

TEST(RunCommandTest, WhatItDoesNotDeclareIsSkipped) {
  constexpr char kHealth[] = "step { ensure {} } step { health {} }";
  EXPECT_EQ(RunShell("exit 0", kHealth).status, Status::skipped);
  EXPECT_EQ(RunShell("exit 0", kHealth, {v1::HEALTH}).status, Status::passed);
  EXPECT_EQ(RunShell("exit 0", "step { ensure {} } step { kill_sidecar { signal: 9 } }").reason,
            "a command cannot take the step kill_sidecar");
  EXPECT_EQ(RunShell("exit 0", "client { storage_driver: \"x\" } step { ensure {} }").reason,
            "client.storage_driver cannot be given to a command");
}

}  // namespace
}  // namespace zlayer::scenarios
