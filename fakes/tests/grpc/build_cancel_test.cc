// Builds that are cancelled or left, and the slots and ids that they hold meanwhile, seen by a gRPC
// C++ client.

#include <gmock/gmock.h>

#include "fakes/tests/grpc/open_build.h"

namespace zlayer::fakes {
namespace {

using buildah_sidecar::v1::BuildRequest;
using std::chrono::milliseconds;
using ::testing::EndsWith;
using Clock = std::chrono::steady_clock;

/// A build that tells that it has begun and then never ends by itself.
constexpr char kHeld[] = "build { event { log { line: \"up\" } } } build { hold: true }";
constexpr char kHeldCopy[] =
    "build { event { log { line: \"up\" } } } build { hold: true work: COPY }";
/// A step of 300 ms whose line is its end, and a step behind it that never ends.
constexpr milliseconds kStep{300};
constexpr char kStepThenHold[] = R"(build { event { log { line: "up" } } }
                                    build { delay_ms: 300 event { log { line: "over" } } }
                                    build { hold: true })";

TEST(BuildCancelTest, TheRunningStepEndsFirst) {
  Service service({.plan = kStepThenHold});
  OpenBuild build(service, "a");
  ASSERT_TRUE(build.Next());
  const auto begun = Clock::now();
  EXPECT_TRUE(service.Cancel("a"));
  ASSERT_TRUE(build.Next());
  EXPECT_EQ(build.event.log().line(), "over");
  ASSERT_TRUE(build.Next());
  EXPECT_GE(Clock::now() - begun, kStep - milliseconds(50));
  EXPECT_EQ(build.event.error().kind(), "cancelled");
  EXPECT_THAT(build.event.error().message(), EndsWith("context canceled"));
  EXPECT_FALSE(build.Next());
  EXPECT_TRUE(build.reader->Finish().ok());
}

TEST(BuildCancelTest, IsTrueTwiceAndFalseForUnknownIds) {
  Service service({.plan = kStepThenHold});
  OpenBuild build(service, " a ");
  ASSERT_TRUE(build.Next());
  EXPECT_FALSE(service.Cancel("b"));
  EXPECT_FALSE(service.Cancel(""));
  EXPECT_FALSE(service.Cancel(" "));
  EXPECT_TRUE(service.Cancel("\ta\n"));
  EXPECT_TRUE(service.Cancel("a"));
  while (build.Next()) {
  }
  EXPECT_EQ(build.event.error().kind(), "cancelled");
  EXPECT_FALSE(service.Cancel("a"));
}

TEST(BuildCancelTest, DoesNotEndAStepWithoutAnEnd) {
  for (const char* plan : {kHeld, kHeldCopy}) {
    Service service({.plan = plan});
    OpenBuild build(service, "a");
    ASSERT_TRUE(build.Next());
    EXPECT_TRUE(service.Cancel("a"));
    OpenBuild next(service, "b");
    ASSERT_TRUE(HasArrived(service, "b"));
    EXPECT_FALSE(service.Cancel("b"));  // it has no slot
  }
}

TEST(BuildCancelTest, TakesThePlaceOfTheEnd) {
  Service service({.plan = "build { event { log { line: \"up\" } } } "
                           "build { delay_ms: 300 event { finished { image_id: \"i\" } } }"});
  OpenBuild build(service, "a");
  ASSERT_TRUE(build.Next());
  EXPECT_TRUE(service.Cancel("a"));
  ASSERT_TRUE(build.Next());
  EXPECT_EQ(build.event.error().kind(), "cancelled");
  EXPECT_FALSE(build.Next());
}

TEST(BuildSlotTest, ARefusalComesOnceItsSlotIsFree) {
  Service service({.plan = kStepThenHold});
  OpenBuild running(service, "a");
  ASSERT_TRUE(running.Next());
  OpenBuild bad(service, BuildRequest());
  ASSERT_TRUE(service.Cancel("a"));
  ASSERT_TRUE(bad.Next());
  EXPECT_EQ(bad.event.error().kind(), "parse");
}

TEST(BuildSlotTest, ARefusalDoesNotOvertakeARunningBuild) {
  Service service({.plan = kHeld});
  OpenBuild running(service, "a");
  ASSERT_TRUE(running.Next());
  BuildRequest request = RequestOf("b");
  request.set_format("zip");
  const auto context = NewContext();
  context->set_deadline(std::chrono::system_clock::now() + milliseconds(300));
  const auto bad = service.stub().Build(context.get(), request);
  buildah_sidecar::v1::BuildEvent event;
  EXPECT_FALSE(bad->Read(&event)) << event.ShortDebugString();
  EXPECT_EQ(bad->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST(BuildSlotTest, ARunningIdCannotBeRegisteredAgain) {
  Service service({.plan = kHeld, .arguments = {"--max-concurrent", "2"}});
  OpenBuild first(service, "a");
  ASSERT_TRUE(first.Next());
  BuildRequest request;  // not valid, but the id is looked at first
  request.set_request_id(" a");
  const auto events = service.Build(request);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].error().kind(), "register");
  EXPECT_TRUE(service.Cancel("a"));  // the first one is still known
}

TEST(BuildSlotTest, EmptyIdsAreMadeUpAndDoNotCollide) {
  Service service({.plan = kHeld, .arguments = {"--max-concurrent", "2"}});
  OpenBuild first(service, "");
  OpenBuild second(service, " ");
  ASSERT_TRUE(first.Next());
  ASSERT_TRUE(second.Next());
  EXPECT_TRUE(first.event.has_log() && second.event.has_log());
}

TEST(BuildSlotTest, AWaitingBuildBeginsWhenTheCancelledOneHasEnded) {
  Service service({.plan = kStepThenHold});
  OpenBuild running(service, "a");
  ASSERT_TRUE(running.Next());
  OpenBuild waiting(service, "b");
  ASSERT_TRUE(HasArrived(service, "b"));
  EXPECT_FALSE(service.Cancel("b"));
  EXPECT_TRUE(service.Cancel("a"));
  ASSERT_TRUE(waiting.Next());
  EXPECT_TRUE(service.Cancel("b"));
  while (running.Next()) {
  }
  EXPECT_EQ(running.event.error().kind(), "cancelled");
}

TEST(BuildSlotTest, AClientThatLeavesKeepsItsSlotUntilTheStepEnds) {
  Service service({.plan = kStepThenHold});
  OpenBuild running(service, "a");
  ASSERT_TRUE(running.Next());
  OpenBuild waiting(service, "b");
  ASSERT_TRUE(HasArrived(service, "b"));
  const auto left = Clock::now();
  waiting.context->TryCancel();
  running.context->TryCancel();
  EXPECT_TRUE(HasEndedABuild(service));  // the one that waited
  OpenBuild next(service, "a");
  ASSERT_TRUE(next.Next());
  EXPECT_TRUE(next.event.has_log()) << next.event.ShortDebugString();
  EXPECT_GE(Clock::now() - left, kStep - milliseconds(50));
}

TEST(BuildSlotTest, ADeadlineKeepsTheSlotUntilTheStepEnds) {
  Service service({.plan = kStepThenHold});
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  const auto begun = Clock::now();
  context.set_deadline(std::chrono::system_clock::now() + kStep / 2);
  const auto late = service.stub().Build(&context, RequestOf("a"));
  buildah_sidecar::v1::BuildEvent event;
  while (late->Read(&event)) {
  }
  EXPECT_EQ(late->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  OpenBuild next(service, "a");
  ASSERT_TRUE(next.Next());
  EXPECT_TRUE(next.event.has_log()) << next.event.ShortDebugString();
  EXPECT_GE(Clock::now() - begun, kStep);
}

}  // namespace
}  // namespace zlayer::fakes
