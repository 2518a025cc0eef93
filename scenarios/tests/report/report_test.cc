#include "scenarios/runner/report/report.h"

#include <gtest/gtest.h>

namespace zlayer::scenarios {
namespace {

TEST(ReportTest, AResultComesBackAsItWas) {
  ScenarioResult sent;
  sent.name = "s/a";
  sent.status = Status::known_failure;
  for (const Verdict verdict : {Verdict::outcome, Verdict::message, Verdict::aftermath}) {
    sent.violations.push_back({verdict, "step 1, ensure", "this", "that"});
  }
  sent.reason = "why";
  sent.took = std::chrono::microseconds(1500);
  sent.timeline = {"first", "second"};
  sent.stderr_tail = "the end";
  sent.rerun = "again s/a";
  const ScenarioResult got = FromReport(ToReport(sent));
  EXPECT_EQ(got.name, sent.name);
  EXPECT_EQ(got.status, sent.status);
  ASSERT_EQ(got.violations.size(), sent.violations.size());
  for (size_t i = 0; i < sent.violations.size(); ++i) {
    EXPECT_EQ(got.violations[i].verdict, sent.violations[i].verdict);
    EXPECT_EQ(got.violations[i].step, "step 1, ensure");
    EXPECT_EQ(got.violations[i].expected, "this");
    EXPECT_EQ(got.violations[i].seen, "that");
  }
  EXPECT_EQ(got.reason, sent.reason);
  EXPECT_EQ(got.took, sent.took);
  EXPECT_EQ(got.timeline, sent.timeline);
  EXPECT_EQ(got.stderr_tail, sent.stderr_tail);
  EXPECT_EQ(got.rerun, sent.rerun);
}

TEST(ReportTest, BytesThatAreNoTextBecomeText) {
  ScenarioResult result;
  result.stderr_tail = "a\xff";
  EXPECT_EQ(ToReport(result).stderr_tail(), "a\ufffd");
}

TEST(ReportTest, ARunCountsEachStatus) {
  RunResult run;
  SuiteResult& suite = run.suites.emplace_back();
  for (const Status status : {Status::passed, Status::passed, Status::failed, Status::skipped,
                              Status::harness_error, Status::known_failure}) {
    suite.results.emplace_back().status = status;
  }
  const v1::RunReport report = ToReport(run);
  EXPECT_EQ(report.passed(), 2u);
  EXPECT_EQ(report.failed(), 1u);
  EXPECT_EQ(report.harness_errors(), 1u);
  EXPECT_EQ(report.skipped(), 1u);
  EXPECT_EQ(report.known_failures(), 1u);
  EXPECT_EQ(report.scenario(2).status(), v1::ScenarioReport::FAILED);
}

}  // namespace
}  // namespace zlayer::scenarios
