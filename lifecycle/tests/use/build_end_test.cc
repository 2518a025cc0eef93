// Tests of RunBuild with streams whose end is the interesting part: what the last events say, and
// what comes behind them.

#include <gmock/gmock.h>
#include <signal.h>

#include "lifecycle/tests/use/build_world.h"

namespace zlayer::sidecar {
namespace {

using testing::HasSubstr;

class BuildEndTest : public BuildWorld {};

TEST_F(BuildEndTest, AnErrorEventIsAFailedBuild) {
  const auto error =
      ErrorOf("build { event { error { kind: \"exec\" message: \"exit 1\\nend\" } } }");
  EXPECT_EQ(error.kind, ErrorKind::build_failed);
  EXPECT_EQ(error.build_error_kind, "exec");
  EXPECT_EQ(error.message, R"(the build failed (exec): "exit 1\nend")");
  EXPECT_EQ(ends_, 1);
}

TEST_F(BuildEndTest, AnEndWithoutAWordIsIncomplete) {
  const auto error = ErrorOf("fault { build_end { how: MISSING } }");
  EXPECT_EQ(error.kind, ErrorKind::build_incomplete) << error.message;
  EXPECT_EQ(ends_, 0);
}

TEST_F(BuildEndTest, AnEventThatIsNoMessageEndsTheBuild) {
  const auto error = ErrorOf("fault { grpc_payload { method: \"Build\" } }");
  EXPECT_EQ(error.kind, ErrorKind::rpc_failed) << error.message;
  EXPECT_THAT(error.message, HasSubstr("no valid protobuf message"));
}

TEST_F(BuildEndTest, AnUnfinishedLineComesBehindTheEndAndReachesTheUser) {
  const auto error = ErrorOf(
      "build { event { log { line: \"no newline\" } } unfinished: true } "
      "build { event { error { kind: \"exec\" message: \"exit status 1\" } } }");
  EXPECT_EQ(error.kind, ErrorKind::build_failed) << error.message;
  EXPECT_EQ(events_, 2);
  EXPECT_EQ(ends_, 1);
}

TEST_F(BuildEndTest, LinesBehindAnErrorBelongToTheFailedBuild) {
  const auto error = ErrorOf(
      "fault { build_end { how: LOG_AFTER } } "
      "build { event { error { kind: \"exec\" message: \"exit status 127\" } } }");
  EXPECT_EQ(error.kind, ErrorKind::build_failed) << error.message;
  EXPECT_EQ(error.build_error_kind, "exec");
  EXPECT_EQ(error.message, R"(the build failed (exec): "exit status 127")");
  EXPECT_EQ(events_, 3);  // the line and the warning behind the end reach the user
  EXPECT_EQ(ends_, 1);
}

TEST_F(BuildEndTest, LinesBehindAnImageBelongToTheGoodBuild) {
  UsePlan(
      "fault { build_end { how: LOG_AFTER } } build { event { finished { image_id: \"i\" } } }");
  Start();
  const auto built = Run();
  ASSERT_TRUE(built) << built.error().message;
  EXPECT_EQ(built->image_id, "i");
  EXPECT_EQ(events_, 3);
}

TEST_F(BuildEndTest, LinesWithoutEndDoNotHoldTheResultBack) {
  UsePlan(
      "build { event { finished { image_id: \"i\" } } } "
      "build { delay_ms: 1 repeat: 1000000 event { log { line: \"on\" } } }");
  Start();
  const auto built = Run();
  ASSERT_TRUE(built) << built.error().message;
}

TEST_F(BuildEndTest, OtherEventsAfterTheEndAreMalformed) {
  const auto error = ErrorOf("fault { build_end { how: GOES_ON } }");
  EXPECT_EQ(error.kind, ErrorKind::build_malformed) << error.message;
  EXPECT_THAT(error.message, HasSubstr(R"("stage_started" came after the build's "finished")"));
  EXPECT_EQ(ends_, 1);
}

TEST_F(BuildEndTest, AnUnknownEventAfterTheEndIsMalformed) {
  const auto error = ErrorOf(
      R"(build { event { finished { image_id: "i" } } } build { raw: "\242\006\003\n\001x" })");
  EXPECT_EQ(error.kind, ErrorKind::build_malformed) << error.message;
  EXPECT_EQ(ends_, 1);
}

TEST_F(BuildEndTest, TwoEndsAreMalformed) {
  const auto error = ErrorOf("fault { build_end { how: TWICE } }");
  EXPECT_EQ(error.kind, ErrorKind::build_malformed) << error.message;
  EXPECT_THAT(error.message, HasSubstr(R"("error" came after the build's "finished")"));
  EXPECT_EQ(ends_, 1);
}

TEST_F(BuildEndTest, AResultIsNotHeldBackByAStreamThatStaysOpen) {
  UsePlan("build { event { finished { image_id: \"i\" } } } build { hold: true }");
  Start();
  const auto built = Run();
  ASSERT_TRUE(built) << built.error().message;
  EXPECT_EQ(built->image_id, "i");
}

TEST_F(BuildEndTest, AFailedBuildOfASidecarThatAnnouncedItsStopSaysSo) {
  // The first request is the one that proves the sidecar; GOAWAY comes with the build.
  const auto error = ErrorOf(
      "fault { http2_goaway { last_stream_id: 2147483647 after_streams: 2 } } "
      "build { event { error { kind: \"exec\" message: \"exit status 1\" } } }");
  EXPECT_EQ(error.kind, ErrorKind::build_failed);
  EXPECT_EQ(error.message,
            "the build failed (exec): \"exit status 1\"; the sidecar had announced that it would "
            "stop");
  EXPECT_EQ(error.build_error_kind, "exec");
}

TEST_F(BuildEndTest, AFailedBuildOfASidecarThatGotSigtermSaysThatItStops) {
  at_each_event_ = [this] {
    if (events_ > 1) return;
    ::kill(live_->pid().value(), SIGTERM);
    EXPECT_TRUE(WaitForLost(1));
  };
  // A step that the signal does not end: on_lost waits 250 ms for the exit, and nobody reads until
  // then.
  const auto error = ErrorOf(
      "build { event { log { line: \"up\" } } } build { delay_ms: 300 work: COPY event { "
      "error { kind: \"exec\" message: \"exit status 1\" } } }");
  EXPECT_EQ(error.kind, ErrorKind::build_failed) << error.message;
  // By the end of the build it has announced its stop, and may have ended, too.
  EXPECT_THAT(error.message, HasSubstr("\"exit status 1\"; the "));
}

TEST_F(BuildEndTest, WhatASidecarSaidBeforeItsEndIsReadBehindIt) {
  at_each_event_ = [this] {
    if (events_ > 1) return;
    ::kill(live_->pid().value(), SIGTERM);
    EXPECT_TRUE(WaitForLost(1));
  };
  const auto error = ErrorOf(kHeld);  // the signal ends the step, which is a RUN
  EXPECT_EQ(error.kind, ErrorKind::build_failed) << error.message;
  EXPECT_EQ(error.build_error_kind, "exec");
}

}  // namespace
}  // namespace zlayer::sidecar
