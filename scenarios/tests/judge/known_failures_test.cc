#include "scenarios/runner/judge/known_failures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/runner/report/explain.h"

namespace zlayer::scenarios {
namespace {

using ::testing::HasSubstr;

tl::expected<KnownFailures, std::string> Parse(const std::string& text) {
  return KnownFailures::Parse("list", text, *Catalog::Embedded());
}

ScenarioResult Judged(Status status) {
  ScenarioResult result;
  result.name = "control/honest";
  result.status = status;
  return Parse("# a comment\n\ncontrol/*   one reason\n")->Judge(result);
}

TEST(KnownFailuresTest, AKnownFailureCountsApart) {
  const ScenarioResult result = Judged(Status::failed);
  EXPECT_EQ(result.status, Status::known_failure);
  EXPECT_EQ(result.reason, "known to fail: one reason");
}

TEST(KnownFailuresTest, OneThatPassesFails) {
  const ScenarioResult result = Judged(Status::passed);
  EXPECT_EQ(result.status, Status::failed);
  EXPECT_THAT(Explain(result), HasSubstr("take it off the list"));
}

TEST(KnownFailuresTest, HarnessErrorsAndSkipsStayWhatTheyAre) {
  EXPECT_EQ(Judged(Status::harness_error).status, Status::harness_error);
  EXPECT_EQ(Judged(Status::skipped).status, Status::skipped);
}

TEST(KnownFailuresTest, BadEntriesNameTheirLine) {
  EXPECT_EQ(Parse("\ncontrol/honest\n").error(),
            "list:2: \"control/honest\" has no reason; write it after the name");
  EXPECT_THAT(Parse("control/honst  why\n").error(),
              HasSubstr("list:1: no scenario matches \"control/honst\"; did you mean"));
}

}  // namespace
}  // namespace zlayer::scenarios
