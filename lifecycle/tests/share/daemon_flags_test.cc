// The settings of SidecarConfig that are only passed on, as the fake daemon takes them.

#include <gmock/gmock.h>

#include "lifecycle/tests/use/build_world.h"

namespace zlayer::sidecar {
namespace {

class DaemonFlagsTest : public BuildWorld {};

TEST_F(DaemonFlagsTest, MaxConcurrentLetsBuildsRunSideBySide) {
  config_.max_concurrent = 2;
  config_.log_level = "debug";
  UsePlan(kCancellable);
  Start();
  std::stop_source stop;
  BuildOptions inner;
  inner.timeout = std::chrono::seconds(10);  // without a slot of its own it would wait for ever
  inner.on_event = [&](const auto&) { stop.request_stop(); };
  Result<BuildResult> second;
  at_each_event_ = [&] {
    if (events_ == 1) second = RunBuild(*live_, Request(), inner, stop.get_token());
  };
  // The first build has not ended yet, so the second has a slot of its own.
  EXPECT_EQ(Run(stop.get_token()).error().kind, ErrorKind::cancelled);
  EXPECT_EQ(second.error().build_error_kind, "cancelled") << second.error().message;
}

TEST_F(DaemonFlagsTest, FurtherArgumentsReachTheDaemon) {
  config_.arguments = {"--no-such-flag"};
  lifecycle_.emplace(config_, options_);
  const auto live = lifecycle_->Ensure();
  ASSERT_FALSE(live);
  EXPECT_EQ(live.error().kind, ErrorKind::exited_before_handshake) << live.error().message;
  EXPECT_EQ(live.error().exit_code, 2);
  EXPECT_THAT(live.error().stderr_tail, testing::HasSubstr("no-such-flag"));
}

}  // namespace
}  // namespace zlayer::sidecar
