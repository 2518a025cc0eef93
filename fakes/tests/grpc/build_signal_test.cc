// What SIGTERM and SIGINT do to a build that runs, seen by a gRPC C++ client.

#include <signal.h>

#include "fakes/tests/grpc/open_build.h"

namespace zlayer::fakes {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// A build that tells that it has begun and then never ends by itself.
constexpr char kHeld[] = "build { event { log { line: \"up\" } } } build { hold: true }";
constexpr char kHeldCopy[] =
    "build { event { log { line: \"up\" } } } build { hold: true work: COPY }";

TEST(BuildSignalTest, EndsARunStep) {
  Service service({.plan = kHeld});
  OpenBuild build(service, "a");
  ASSERT_TRUE(build.Next());
  service.fake().process().Kill(SIGTERM);
  ASSERT_TRUE(build.Next());
  EXPECT_EQ(build.event.error().kind(), "exec");
  EXPECT_EQ(build.event.error().message(), "exit status 1");
  EXPECT_FALSE(build.Next());
  EXPECT_TRUE(build.reader->Finish().ok());
  EXPECT_EQ(service.fake().process().Wait(), Ended::WithCode(0));
}

TEST(BuildSignalTest, EndsTheDelayOfARunStep) {
  Service service({.plan = "build { event { log { line: \"up\" } } } "
                           "build { delay_ms: 3600000 event { finished {} } }"});
  OpenBuild build(service, "a");
  ASSERT_TRUE(build.Next());
  service.fake().process().Kill(SIGINT);
  ASSERT_TRUE(build.Next());
  EXPECT_EQ(build.event.error().message(), "exit status 1");
}

TEST(BuildSignalTest, EndsARunStepWhoseClientHasGone) {
  Service service({.plan = std::string("unacknowledged_ms: 50 ") + kHeld});
  OpenBuild build(service, "a");
  ASSERT_TRUE(build.Next());
  build.context->TryCancel();
  while (build.Next()) {
  }
  service.fake().process().Kill(SIGTERM);
  EXPECT_EQ(service.fake().process().Wait(milliseconds(2'000)), Ended::WithCode(0));
}

TEST(BuildSignalTest, WaitsForTheEndOfACopy) {
  Service service({.plan = R"(build { event { log { line: "up" } } }
                              build { delay_ms: 500 work: COPY event { log { line: "over" } } }
                              build { commit: true })"});
  OpenBuild build(service, "a");
  ASSERT_TRUE(build.Next());
  service.fake().process().Kill(SIGTERM);
  ASSERT_TRUE(build.Next());
  EXPECT_EQ(build.event.log().line(), "over");
  while (build.Next()) {
  }
  EXPECT_TRUE(build.event.has_finished());
  EXPECT_TRUE(build.reader->Finish().ok());
  EXPECT_EQ(service.fake().process().Wait(), Ended::WithCode(0));
}

TEST(BuildSignalTest, ACopyWithoutAnEndIsCutAfterTenSeconds) {
  Service service({.plan = kHeldCopy});
  OpenBuild build(service, "a");
  ASSERT_TRUE(build.Next());
  const auto begun = Clock::now();
  service.fake().process().Kill(SIGTERM);
  EXPECT_EQ(service.fake().process().Wait(), Ended::WithCode(0));
  EXPECT_GE(Clock::now() - begun, milliseconds(9'900));
  EXPECT_FALSE(build.Next());
  EXPECT_EQ(build.reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST(BuildSignalTest, ACopyWhoseClientHasGoneHoldsTheDrainWithoutLimit) {
  Service service({.plan = kHeldCopy});
  OpenBuild build(service, "a");
  ASSERT_TRUE(build.Next());
  build.context->TryCancel();
  while (build.Next()) {
  }
  service.fake().process().Kill(SIGTERM);
  EXPECT_TRUE(service.fake().process().LivesFor(milliseconds(11'000)));
}

}  // namespace
}  // namespace zlayer::fakes
