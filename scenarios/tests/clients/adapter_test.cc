// Clients that are programs. An adapter that breaks the protocol is a harness error, not a failure
// of the client.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/runner/clients/adapter_client.h"
#include "scenarios/runner/report/explain.h"
#include "scenarios/runner/run/run_scenario.h"

namespace zlayer::scenarios {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

CatalogEntry Entry(const std::string& text) {
  auto entry = Catalog::Parse("a/b", "name: \"a/b\" why: \"x\"\n" + text);
  EXPECT_TRUE(entry) << entry.error();
  return entry.value_or(CatalogEntry{});
}

/// Runs a scenario with an adapter in shell. It answers `hello` and `configure`, then runs
/// `on_ensure`.
ScenarioResult RunShell(const std::string& on_ensure,
                        const std::string& scenario = "step { ensure {} }") {
  const std::string script =
      R"(read r; echo '{"id":1,"hello":{"name":"shell"}}'; read r; echo '{"id":2,"seen":{}}'; read r; )" +
      on_ensure;
  return RunScenario(Entry(scenario), {FAKE_BUILDD_PATH,
                                       [&] {
                                         return MakeAdapterClient({"/bin/sh", "-c", script});
                                       },
                                       "again"});
}

constexpr char kDone[] = R"(echo '{"id":3,"seen":{"sidecar":"x"}}'; read r; exit 0)";

TEST(AdapterTest, OneThatKeepsTheProtocolPasses) {
  const ScenarioResult result = RunShell(kDone);
  EXPECT_EQ(result.status, Status::passed) << Explain(result);
}

TEST(AdapterTest, AnErrorIsTheClientsAndFailsTheScenario) {
  const ScenarioResult result =
      RunShell(R"(echo '{"id":3,"seen":{"error":"storage","message":"no room"}}'; read r; exit 0)");
  EXPECT_EQ(result.status, Status::failed);
  EXPECT_THAT(Explain(result), HasSubstr("storage: no room"));
}

TEST(AdapterTest, SettingsAreNotRefused) {
  const std::string script =
      R"(read r; echo '{"id":1,"hello":{}}'; read r; echo '{"id":2,"seen":{"error":"bad"}}'; read r)";
  const auto client = [&] { return MakeAdapterClient({"/bin/sh", "-c", script}); };
  const ScenarioResult result =
      RunScenario(Entry("step { ensure {} }"), {FAKE_BUILDD_PATH, client, "again"});
  EXPECT_EQ(result.status, Status::harness_error);
  EXPECT_THAT(result.reason, HasSubstr("refused its settings with bad"));
}

/// An adapter that breaks the protocol, and the reason that the harness error must name.
struct Breach {
  const char* name;
  const char* on_ensure;
  const char* reason;
};

class BreachTest : public ::testing::TestWithParam<Breach> {};

TEST_P(BreachTest, IsAHarnessErrorThatNamesIt) {
  const ScenarioResult result = RunShell(GetParam().on_ensure);
  EXPECT_EQ(result.status, Status::harness_error) << Explain(result);
  EXPECT_THAT(result.reason, AllOf(HasSubstr("the adapter (/bin/sh"), HasSubstr(GetParam().reason),
                                   ::testing::Not(HasSubstr("\n"))));
}

INSTANTIATE_TEST_SUITE_P(
    All, BreachTest,
    ::testing::Values(
        Breach{"Garbage", "echo hello; read r; exit 0", "a line that is not a reply: \"hello\""},
        Breach{"Death", "exit 3", "gave no answer to {\"id\":3,\"ensure\":{}}: stdout ended"},
        Breach{"AnotherId", R"(echo '{"id":7,"seen":{}}'; read r)", "with the id 7"},
        Breach{"NoObservation", R"(echo '{"id":3}'; read r)", "without \"seen\""},
        Breach{"TwoAnswers",
               R"(echo '{"id":3,"seen":{}}'; echo '{"id":3,"seen":{}}'; read r; exit 0)",
               "sent a line that nobody asked for"},
        Breach{"Flood",
               "while echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; do :; done | tr -d '\\n'",
               "a line of more than 1048576 bytes"},
        Breach{"BadEnd", R"(echo '{"id":3,"seen":{}}'; read r; exit 4)", "ended with status 4"}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(AdapterTest, OneThatHangsWithinALimitFails) {
  const ScenarioResult result =
      RunShell("read r; read r", "step { ensure {} expect { max_ms: 100 } }");
  EXPECT_EQ(result.status, Status::failed) << result.reason;
  EXPECT_THAT(Explain(result), HasSubstr("an answer within 100 ms"));
}

TEST(AdapterTest, OneThatStaysIsLeftBehind) {
  const ScenarioResult result =
      RunShell("(sleep 60 >/dev/null 2>&1 <&1 &) ; " + std::string(kDone));
  EXPECT_EQ(result.status, Status::failed);
  EXPECT_THAT(Explain(result), HasSubstr("sleep 60"));
}

TEST(AdapterTest, NoProgramIsAHarnessError) {
  const ScenarioResult result = RunScenario(
      Entry("step { ensure {} }"),
      {FAKE_BUILDD_PATH, [] { return MakeAdapterClient({"/nonexistent/adapter"}); }, "again"});
  EXPECT_EQ(result.status, Status::harness_error);
  EXPECT_THAT(result.reason, HasSubstr("/nonexistent/adapter: not started"));
}

TEST(AdapterTest, WhatItDoesNotDeclareIsSkipped) {
  const ScenarioResult result = RunShell(kDone, "step { ensure {} } step { health {} }");
  EXPECT_EQ(result.status, Status::skipped);
  EXPECT_EQ(result.reason, "needs HEALTH, which the client does not declare");
}

TEST(AdapterTest, ItsLogIsInTheTimeline) {
  const ScenarioResult result = RunShell("echo 'this is why' >&2; exit 1");
  EXPECT_THAT(result.timeline,
              ::testing::Contains(MatchesRegex(".*\\+[0-9.]+ ms  client    this is why")));
}

}  // namespace
}  // namespace zlayer::scenarios
