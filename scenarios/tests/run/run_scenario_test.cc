#include "scenarios/runner/run/run_scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/runner/clients/embedded_client.h"
#include "scenarios/runner/process/child_process.h"
#include "scenarios/runner/report/explain.h"
#include "scenarios/tests/run/scripted_client.h"

namespace zlayer::scenarios {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

CatalogEntry Entry(const std::string& text) {
  auto entry = Catalog::Parse("a/b", "name: \"a/b\" why: \"x\"\n" + text);
  EXPECT_TRUE(entry) << entry.error();
  return entry.value_or(CatalogEntry{});
}

ScenarioResult RunEmbedded(const std::string& text) {
  return RunScenario(Entry(text), {FAKE_BUILDD_PATH, &MakeEmbeddedClient, "harness run --exact"});
}

ScenarioResult RunScripted(const std::string& text, const Observation& answer) {
  return RunScenario(
      Entry(text),
      {FAKE_BUILDD_PATH, [&] { return std::make_unique<ScriptedClient>(answer); }, "again"});
}

TEST(RunScenarioTest, AnHonestSidecarPasses) {
  const auto result = RunEmbedded("step { ensure {} } step { health {} }");
  EXPECT_EQ(result.status, Status::passed) << Explain(result);
  EXPECT_EQ(Explain(result), "");
}

TEST(RunScenarioTest, AnUnmetExpectationFailsWithExpectedAndSeen) {
  const auto result = RunEmbedded("step { ensure {} expect { error: \"dial_timeout\" } }");
  EXPECT_EQ(result.status, Status::failed);
  const std::string text = Explain(result);
  EXPECT_THAT(text, HasSubstr("outcome (step 1, ensure)"));
  EXPECT_THAT(text, HasSubstr("expected  dial_timeout"));
  EXPECT_THAT(text, HasSubstr("seen      success"));
  EXPECT_THAT(text, HasSubstr("printed { head: \"LISTENING 127.0.0.1:"));
  EXPECT_THAT(text, HasSubstr("harness run --exact a/b"));
}

TEST(RunScenarioTest, AFailureShowsTheEndOfStderrWithoutControlCharacters) {
  const auto result = RunEmbedded(
      "plan { fault { exit { code: 1 stderr: \"\\033[31mthe reason\\n\" } } } step { ensure {} }");
  EXPECT_EQ(result.status, Status::failed);
  EXPECT_THAT(Explain(result), HasSubstr("\\x1b[31mthe reason"));
  EXPECT_EQ(Explain(result).find('\x1b'), std::string::npos);
}

TEST(RunScenarioTest, TheFirstStepThatGoesWrongIsTheLast) {
  const auto result = RunEmbedded(
      "step { ensure {} expect { error: \"storage\" } } step { ensure {} expect { error: "
      "\"storage\" } }");
  EXPECT_THAT(result.violations, SizeIs(1));
}

TEST(RunScenarioTest, AFaultThatNeverFiresIsAHarnessError) {
  // The client kills the sidecar of a cancelled start with SIGKILL. It sends no SIGTERM that the
  // fault could ignore.
  const auto result = RunEmbedded(
      "plan { fault { hang {} } fault { ignore_signals {} } } "
      "step { ensure { cancel_at: \"fault_fired\" } expect { error: \"cancelled\" } }");
  EXPECT_EQ(result.status, Status::harness_error);
  EXPECT_EQ(result.reason, "fault 1 (ignore_signals) was armed and never fired");
}

TEST(RunScenarioTest, APlanThatNobodyReadsIsAHarnessError) {
  Observation answer;
  answer.error = "handshake_timeout";
  answer.message = "no line within 15000 ms";
  const auto result = RunScripted(
      "plan { fault { hang {} } } step { ensure {} expect { error: \"handshake_timeout\" } }",
      answer);
  EXPECT_EQ(result.status, Status::harness_error);
  EXPECT_THAT(result.reason, HasSubstr("never armed"));
}

TEST(RunScenarioTest, AMissingFakeIsAHarnessError) {
  const auto result =
      RunScenario(Entry("step { ensure {} }"), {"/nonexistent/fake", &MakeEmbeddedClient, "again"});
  EXPECT_EQ(result.status, Status::harness_error);
  EXPECT_THAT(result.reason, HasSubstr("/nonexistent/fake"));
}

/// Starts a process in the scenario's environment and leaves it running.
class LeakingClient : public ScriptedClient {
 public:
  LeakingClient() : ScriptedClient({}) {}

  void Configure(const ClientSetup& setup) override {
    auto shell = ChildProcess::Start({"/bin/sh", "-c", "/bin/sleep 60 >/dev/null & exit 0"},
                                     setup.environment);
    ASSERT_TRUE(shell) << shell.error();
    shell->Wait(Deadline(std::chrono::seconds(20)));
  }
};

TEST(RunScenarioTest, ALeftoverProcessFailsTheAftermath) {
  const auto result =
      RunScenario(Entry("step { ensure {} }"),
                  {FAKE_BUILDD_PATH, [] { return std::make_unique<LeakingClient>(); }, "again"});
  EXPECT_EQ(result.status, Status::failed);
  EXPECT_THAT(Explain(result), HasSubstr("aftermath (aftermath)"));
  EXPECT_THAT(Explain(result), HasSubstr("/bin/sleep 60"));
}

}  // namespace
}  // namespace zlayer::scenarios
