#include "scenarios/runner/judge/verdict.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace zlayer::scenarios {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<Violation> Judged(const std::string& expect_text, const StepAnswer& answer) {
  v1::Expect expect;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(expect_text, &expect)) << expect_text;
  Placeholders values;
  values.Set("data_dir", "/d");
  return JudgeStep("step 1, ensure", expect, answer, values);
}

/// Expects exactly one violation, and returns it.
Violation Only(const std::vector<Violation>& violations) {
  EXPECT_THAT(violations, SizeIs(1));
  return violations.size() == 1 ? violations[0] : Violation{};
}

StepAnswer Failed(std::string kind, std::string message) {
  StepAnswer answer;
  answer.seen.error = std::move(kind);
  answer.seen.message = std::move(message);
  return answer;
}

StepAnswer After(std::chrono::milliseconds took) {
  StepAnswer answer;
  answer.took = took;
  return answer;
}

TEST(VerdictTest, WhatHoldsIsNoViolation) {
  StepAnswer answer = Failed("storage", "/d/x: Not a directory");
  answer.seen.exit_code = 3;
  answer.seen.stderr_tail = "the end";
  answer.took = std::chrono::milliseconds(300);
  EXPECT_THAT(Judged("error: \"storage\" message: \"{data_dir}/x\" message_in_order: \"/d\" "
                     "message_in_order: \"Not\" stderr: \"end\" exit_code: 3 min_ms: 300 "
                     "max_ms: 301",
                     answer),
              IsEmpty());
}

TEST(VerdictTest, AnotherErrorIsAnOutcome) {
  const Violation wrong = Only(Judged("error: \"dial_timeout\"", Failed("storage", "no room")));
  EXPECT_EQ(wrong.verdict, Verdict::outcome);
  EXPECT_EQ(wrong.expected, "dial_timeout");
  EXPECT_EQ(wrong.seen, "storage: no room");
}

TEST(VerdictTest, ASuccessWhereAnErrorMustComeIsAnOutcome) {
  const Violation wrong = Only(Judged("error: \"dial_timeout\"", {}));
  EXPECT_EQ(wrong.expected, "dial_timeout");
  EXPECT_EQ(wrong.seen, "success");
}

TEST(VerdictTest, BothEndsOfTheWindowAreStrict) {
  const std::string window = "min_ms: 300 max_ms: 400";
  EXPECT_THAT(Judged(window, After(std::chrono::milliseconds(300))), IsEmpty());
  EXPECT_THAT(Judged(window, After(std::chrono::milliseconds(400))), IsEmpty());
  const Violation early = Only(Judged(window, After(std::chrono::milliseconds(299))));
  EXPECT_EQ(early.verdict, Verdict::outcome);
  EXPECT_EQ(early.expected, "not before 300 ms");
  EXPECT_EQ(early.seen, "299.0 ms");
  EXPECT_EQ(Only(Judged(window, After(std::chrono::milliseconds(401)))).expected, "within 400 ms");
}

TEST(VerdictTest, AStepWithoutAWindowHasTheRunnersOwn) {
  EXPECT_THAT(Judged("", After(kStepLimit)), IsEmpty());
  EXPECT_THAT(Judged("", After(kStepLimit + std::chrono::milliseconds(1))), SizeIs(1));
}

TEST(VerdictTest, HowTheSidecarEndedIsAnOutcome) {
  StepAnswer answer;
  answer.seen.signal = 9;
  answer.seen.escalated = true;
  EXPECT_THAT(Judged("signal: 9 escalated: true", answer), IsEmpty());
  EXPECT_EQ(Only(Judged("exit_code: 0", answer)).seen, "no exit code, signal 9");
  EXPECT_EQ(Only(Judged("signal: 15", answer)).expected, "signal 15");
  EXPECT_EQ(Only(Judged("escalated: false", answer)).seen, "SIGKILL was needed");
}

TEST(VerdictTest, WhetherACallMayBeMadeAgainIsAnOutcome) {
  StepAnswer answer;
  answer.seen.error = "sidecar_lost";
  answer.seen.message = "gone";
  EXPECT_EQ(Only(Judged("error: \"sidecar_lost\" retryable: true", answer)).seen,
            "the client does not say");
  answer.seen.retryable = true;
  EXPECT_THAT(Judged("error: \"sidecar_lost\" retryable: true", answer), IsEmpty());
  EXPECT_EQ(Only(Judged("error: \"sidecar_lost\" retryable: false", answer)).seen, "retryable");
}

TEST(VerdictTest, TheLinesOfABuildAreJudgedAlsoWhenItSucceeds) {
  StepAnswer answer;
  answer.seen.log = "STEP 1/1: RUN make\nmade\n";
  EXPECT_THAT(Judged("log: \"RUN make\" log: \"made\"", answer), IsEmpty());
  const Violation wrong = Only(Judged("log: \"pushed\"", answer));
  EXPECT_EQ(wrong.verdict, Verdict::message);
  EXPECT_EQ(wrong.expected, "the build's log names \"pushed\"");
}

TEST(VerdictTest, ANewSidecarIsTold) {
  StepAnswer answer;
  answer.previous_sidecar = "pid 1";
  answer.seen.sidecar = "pid 1";
  EXPECT_THAT(Judged("new_sidecar: false", answer), IsEmpty());
  EXPECT_EQ(Only(Judged("new_sidecar: true", answer)).verdict, Verdict::outcome);
  answer.seen.sidecar = "pid 2";
  EXPECT_THAT(Judged("new_sidecar: true", answer), IsEmpty());
  EXPECT_EQ(Only(Judged("new_sidecar: false", answer)).seen, "pid 2");
}

TEST(VerdictTest, ANewKeyIsTold) {
  StepAnswer answer;
  answer.new_key = true;
  EXPECT_THAT(Judged("new_key: true", answer), IsEmpty());
  EXPECT_EQ(Only(Judged("new_key: false", answer)).verdict, Verdict::outcome);
  answer.new_key = false;
  EXPECT_EQ(Only(Judged("new_key: true", answer)).seen, "the private key as it was at first");
  EXPECT_EQ(Only(Judged("private_key: true", answer)).verdict, Verdict::outcome);
  answer.private_key = true;
  EXPECT_THAT(Judged("private_key: true", answer), IsEmpty());
}

TEST(VerdictTest, OneSidecarTooManyIsSeen) {
  StepAnswer answer;
  answer.starts = 2;
  EXPECT_THAT(Judged("starts: 2", answer), IsEmpty());
  EXPECT_EQ(Only(Judged("starts: 1", answer)).seen, "2");
}

TEST(VerdictTest, AMissingNameIsAMessage) {
  const Violation wrong =
      Only(Judged("error: \"storage\" message: \"{data_dir}\"", Failed("storage", "no room")));
  EXPECT_EQ(wrong.verdict, Verdict::message);
  EXPECT_EQ(wrong.expected, "the message names \"/d\"");
  EXPECT_EQ(wrong.seen, "\"no room\"");
}

TEST(VerdictTest, LettersMatchInEitherCase) {
  EXPECT_THAT(Judged("error: \"storage\" message: \"not a Directory\" "
                     "message_in_order: \"NOT\" message_in_order: \"directory\"",
                     Failed("storage", "x: Not a directory")),
              IsEmpty());
}

TEST(VerdictTest, TheOrderOfNamesIsAMessage) {
  const StepAnswer answer = Failed("storage", "b a");
  EXPECT_THAT(Judged("error: \"storage\" message: \"a\" message: \"b\"", answer), IsEmpty());
  EXPECT_EQ(
      Only(Judged("error: \"storage\" message_in_order: \"a\" message_in_order: \"b\"", answer))
          .verdict,
      Verdict::message);
}

TEST(VerdictTest, AnErrorIsOneLineThatSaysSomething) {
  EXPECT_EQ(Only(Judged("error: \"storage\"", Failed("storage", ""))).verdict, Verdict::message);
  EXPECT_EQ(Only(Judged("error: \"storage\"", Failed("storage", "a\nb"))).verdict,
            Verdict::message);
}

TEST(VerdictTest, APlaceholderWithoutAValueIsNoPass) {
  EXPECT_THAT(Only(Judged("error: \"storage\" message: \"{addr}\"", Failed("storage", "x"))).seen,
              HasSubstr("{addr} has no value"));
}

TEST(VerdictTest, MissingStderrIsAMessage) {
  EXPECT_EQ(Only(Judged("error: \"storage\" stderr: \"why\"", Failed("storage", "x"))).expected,
            "the end of stderr names \"why\"");
}

}  // namespace
}  // namespace zlayer::scenarios
