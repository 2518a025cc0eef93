// Builds that end in a way the honest daemon never does, and repeated events.

#include <gmock/gmock.h>
#include <signal.h>

#include "fakes/tests/grpc/service_client.h"

namespace zlayer::fakes {
namespace {

using buildah_sidecar::v1::BuildEvent;
using ::testing::HasSubstr;

/// The status of a build and the number of its events.
struct Ending {
  grpc::Status status;
  int events = 0;
};

Ending EndOf(Service& service) {
  const auto context = NewContext();
  const auto reader = service.stub().Build(context.get(), RequestOf("a"));
  Ending ending;
  for (BuildEvent event; reader->Read(&event);) ++ending.events;
  ending.status = reader->Finish();
  return ending;
}

TEST(BuildEndTest, MissingLeavesTheEndOut) {
  Service service({.plan = "fault { build_end { how: MISSING } }"});
  for (const BuildEvent& event : service.Build(RequestOf("a"))) {
    EXPECT_FALSE(event.has_finished() || event.has_error()) << event.ShortDebugString();
  }
  EXPECT_TRUE(service.fake().HasFired("build_end"));
}

TEST(BuildEndTest, GoesOnBehindTheEnd) {
  Service service({.plan = "fault { build_end { how: GOES_ON } }"});
  const auto events = service.Build(RequestOf("a"));
  ASSERT_GE(events.size(), 2u);
  EXPECT_TRUE(events[events.size() - 2].has_finished());
  EXPECT_TRUE(events.back().has_stage_started());
  EXPECT_TRUE(service.fake().HasFired("build_end"));
}

TEST(BuildEndTest, LogAfterIsALineAndAWarningBehindTheEnd) {
  Service service({.plan = "fault { build_end { how: LOG_AFTER } }"});
  const auto events = service.Build(RequestOf("a"));
  ASSERT_GE(events.size(), 3u);
  EXPECT_TRUE(events[events.size() - 3].has_finished());
  EXPECT_TRUE(events[events.size() - 2].has_log());
  EXPECT_TRUE(events.back().has_warning());
  EXPECT_TRUE(service.fake().HasFired("build_end"));
}

TEST(BuildEndTest, TwiceIsOneOfEach) {
  Service service({.plan = "fault { build_end { how: TWICE } }"});
  const auto events = service.Build(RequestOf("a"));
  ASSERT_GE(events.size(), 2u);
  EXPECT_TRUE(events[events.size() - 2].has_finished());
  EXPECT_TRUE(events.back().has_error());
}

TEST(BuildEndTest, StatusReplacesTheEnd) {
  Service service({.plan = "fault { build_end { how: STATUS code: 13 message: \"panic\" } }"});
  const Ending ending = EndOf(service);
  EXPECT_EQ(ending.status.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(ending.status.error_message(), "panic");
}

TEST(BuildCrashTest, EndsTheProcessBehindItsEvents) {
  Service service({.plan = "fault { build_crash { after_events: 2 signal: 9 delay_ms: 100 } }"});
  const Ending ending = EndOf(service);
  EXPECT_EQ(ending.events, 2);
  EXPECT_EQ(ending.status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(service.fake().process().Wait(), Ended::BySignal(SIGKILL));
  EXPECT_TRUE(service.fake().HasFired("build_crash"));
}

TEST(BuildCrashTest, CountsEventsAndNotSteps) {
  Service service({.plan = "fault { build_crash { after_events: 3 signal: 9 delay_ms: 100 } } "
                           "build { event { log { line: \"a\" } } } "
                           "build { repeat: 1000 event { log { line: \"b\" } } }"});
  EXPECT_EQ(EndOf(service).events, 3);
}

TEST(BuildCrashTest, DiesByASignalThatDumpsCore) {
  for (const int signal : {SIGSEGV, SIGABRT, SIGBUS}) {
    Service service({.plan = "fault { build_crash { signal: " + std::to_string(signal) + " } }"});
    EndOf(service);
    EXPECT_EQ(service.fake().process().Wait(), Ended::BySignal(signal));
  }
}

TEST(BuildCrashTest, RefusesTheCallFirst) {
  Service service({.plan = "fault { build_crash { refuse: true delay_ms: 50 code: 3 } }"});
  const Ending ending = EndOf(service);
  EXPECT_EQ(ending.events, 0);
  EXPECT_EQ(ending.status.error_message(), "the daemon is leaving");
  EXPECT_EQ(service.fake().process().Wait(), Ended::WithCode(3));
}

TEST(BuildCancelIgnoredTest, AnswersAndGoesOn) {
  Service service({.plan = "fault { build_cancel_ignored {} } build { event { log {} } } "
                           "build { delay_ms: 100 event { finished { image_id: \"i\" } } }"});
  const auto context = NewContext();
  const auto reader = service.stub().Build(context.get(), RequestOf("a"));
  BuildEvent event;
  ASSERT_TRUE(reader->Read(&event));
  EXPECT_TRUE(service.Cancel("a"));
  while (reader->Read(&event)) {
  }
  EXPECT_TRUE(event.has_finished());
  EXPECT_TRUE(service.fake().HasFired("build_cancel_ignored"));
}

TEST(BuildStepTest, RepeatsAnEvent) {
  Service service({.plan = "build { repeat: 1000 event { log { line: \"l\" } } } "
                           "build { event { finished { image_id: \"i\" } } }"});
  EXPECT_EQ(EndOf(service).events, 1001);
}

TEST(BuildStepTest, ACancelLetsARepeatedEventGoOnToItsEnd) {
  Service service({.plan = "build { repeat: 500 delay_ms: 2 event { log { line: \"l\" } } } "
                           "build { commit: true }"});
  const auto context = NewContext();
  const auto reader = service.stub().Build(context.get(), RequestOf("a"));
  BuildEvent event;
  ASSERT_TRUE(reader->Read(&event));
  EXPECT_TRUE(service.Cancel("a"));
  int lines = 1;
  while (reader->Read(&event) && event.has_log()) ++lines;
  EXPECT_EQ(event.error().kind(), "cancelled");
  EXPECT_EQ(lines, 500);
}

}  // namespace
}  // namespace zlayer::fakes
