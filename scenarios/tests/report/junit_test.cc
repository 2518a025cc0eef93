#include "scenarios/runner/report/junit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pugixml.hpp>

namespace zlayer::scenarios {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

ScenarioResult Result(std::string name, Status status) {
  ScenarioResult result;
  result.name = std::move(name);
  result.status = status;
  result.took = std::chrono::milliseconds(1234);
  if (status == Status::failed) {
    result.violations.push_back({Verdict::outcome, "step 1, ensure", "a < b & \x1b c", "\"seen\""});
  }
  if (status == Status::harness_error) result.reason = "fault 0 never fired";
  return result;
}

pugi::xml_document Parsed(const RunResult& run) {
  pugi::xml_document document;
  const std::string text = ToJUnit(run);
  EXPECT_TRUE(document.load_string(text.c_str())) << text;
  return document;
}

TEST(JUnitTest, CountsEachKind) {
  RunResult run;
  run.suites.push_back({"a",
                        {Result("a/1", Status::passed), Result("a/2", Status::failed),
                         Result("a/3", Status::failed)}});
  run.suites.push_back({"b", {Result("b/1", Status::harness_error)}});
  const pugi::xml_document document = Parsed(run);
  const pugi::xml_node suites = document.child("testsuites");
  EXPECT_EQ(suites.attribute("tests").as_int(), 4);
  EXPECT_EQ(suites.attribute("failures").as_int(), 2);
  EXPECT_EQ(suites.attribute("errors").as_int(), 1);
  const pugi::xml_node a = suites.child("testsuite");
  EXPECT_EQ(a.attribute("tests").as_int(), 3);
  EXPECT_EQ(a.attribute("failures").as_int(), 2);
  EXPECT_EQ(a.attribute("errors").as_int(), 0);
  EXPECT_STREQ(a.child("testcase").attribute("name").value(), "a/1");
  EXPECT_STREQ(a.child("testcase").attribute("time").value(), "1.234");
  EXPECT_TRUE(a.next_sibling().child("testcase").child("error"));
}

TEST(JUnitTest, AFailureSaysExpectedAndSeenWithoutBreakingTheXml) {
  RunResult run;
  run.suites.push_back({"a", {Result("a/2", Status::failed)}});
  const pugi::xml_document document = Parsed(run);
  const pugi::xml_node failure =
      document.child("testsuites").child("testsuite").child("testcase").child("failure");
  EXPECT_STREQ(failure.attribute("message").value(),
               "outcome: expected a < b & ? c, seen \"seen\"");
  EXPECT_THAT(failure.text().get(), HasSubstr("expected  a < b & \\x1b c"));
}

TEST(JUnitTest, AnUnwritableReportIsNamed) {
  const auto written = WriteJUnit({}, "/nonexistent/report.xml");
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error(), StartsWith("/nonexistent/report.xml: cannot be written"));
}

}  // namespace
}  // namespace zlayer::scenarios
