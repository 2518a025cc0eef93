// What on_lost and on_event tell, and what the crash loop makes of a loss.

#include "lifecycle/src/share/loss.h"

#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "lifecycle/tests/share/fake_world.h"
#include "zlayer/proto/buildah_sidecar.grpc.pb.h"

namespace zlayer::sidecar {
namespace {

using buildah_sidecar::v1::BuildService;
using buildah_sidecar::v1::InspectRequest;
using buildah_sidecar::v1::InspectResponse;
using std::chrono::milliseconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using Kind = LifecycleEvent::Kind;

/// The answer to the second RPC breaks HTTP/2, so gRPC ends the connection. The fake lives on.
constexpr const char* kBreaksAtTheSecondRpc =
    "fault { when { skip: 1 } http2_frame { defect: WRONG_SIZE } }";

class LossTest : public FakeWorld {
 protected:
  static void Inspect(const LiveSidecar& live) {
    InspectResponse response;
    BuildService::NewStub(live.Channel())
        ->Inspect(live.NewContext().get(), InspectRequest(), &response);
  }

  LifecycleError Why() {
    const std::lock_guard lock(mutex_);
    return why_.value_or(LifecycleError{});
  }
};

TEST_F(LossTest, ACrashIsToldBySignalOrStatus) {
  SidecarLifecycle lifecycle(config_, options_);
  const auto live = lifecycle.Ensure();
  ASSERT_TRUE(live) << live.error().message;
  ::kill(live->pid().value(), SIGSEGV);
  ASSERT_TRUE(WaitForLost(1));
  const LifecycleError why = Why();
  EXPECT_EQ(why.kind, ErrorKind::sidecar_lost);
  EXPECT_EQ(why.signal, SIGSEGV);
  EXPECT_THAT(why.message, HasSubstr("was killed by signal 11"));
  EXPECT_NE(why.stderr_tail, "");
}

TEST_F(LossTest, AnExitWithAnErrorIsToldByItsStatus) {
  UsePlan("fault { exit { phase: SERVING code: 3 delay_ms: 300 } }");
  SidecarLifecycle lifecycle(config_, options_);
  const auto live = lifecycle.Ensure();
  ASSERT_TRUE(live) << live.error().message;
  ASSERT_TRUE(WaitForLost(1));
  EXPECT_EQ(Why().exit_code, 3);
  EXPECT_THAT(Why().message, HasSubstr("exited with status 3"));
}

TEST_F(LossTest, AnIdleExitIsToldAsAnnounced) {
  UsePlan("idle_tick_ms: 500");
  config_.idle_secs = 1;
  SidecarLifecycle lifecycle(config_, options_);
  const auto live = lifecycle.Ensure();
  ASSERT_TRUE(live) << live.error().message;
  ASSERT_TRUE(WaitForLost(1));
  EXPECT_EQ(Why().exit_code, 0);
  EXPECT_THAT(Why().message, AllOf(HasSubstr("GOAWAY"), HasSubstr("exited with status 0")));
}

TEST_F(LossTest, AnAnnouncementOfALivingSidecarIsToldAsSuch) {
  UsePlan("fault { http2_goaway { last_stream_id: 2147483647 after_ms: 300 } }");
  SidecarLifecycle lifecycle(config_, options_);
  const auto live = lifecycle.Ensure();
  ASSERT_TRUE(live) << live.error().message;
  ASSERT_TRUE(WaitForLost(1));
  EXPECT_THAT(Why().message, HasSubstr("announced that it leaves (GOAWAY)"));
  EXPECT_EQ(Why().exit_code, std::nullopt);
}

TEST_F(LossTest, TheEndOfTheConnectionIsToldWithItsReason) {
  UsePlan(kBreaksAtTheSecondRpc);
  SidecarLifecycle lifecycle(config_, options_);
  const auto live = lifecycle.Ensure();
  ASSERT_TRUE(live) << live.error().message;
  Inspect(*live);
  ASSERT_TRUE(WaitForLost(1));
  EXPECT_THAT(Why().message,
              AllOf(HasSubstr("the connection to the sidecar at 127.0.0.1:"), HasSubstr("ended")));
}

/// Such a sidecar exits with status 0 when it is stopped, and has served nobody.
TEST_F(LossTest, ASidecarThatDropsItsConnectionCountsForTheCrashLoop) {
  UsePlan(kBreaksAtTheSecondRpc);
  options_.restarts.free_restarts = 1;
  options_.restarts.first_pause = std::chrono::hours(1);
  options_.restarts.longest_pause = std::chrono::hours(1);
  SidecarLifecycle lifecycle(config_, options_);
  for (int i = 1; i <= 2; ++i) {
    const auto live = lifecycle.Ensure();
    ASSERT_TRUE(live) << i << ": " << live.error().message;
    Inspect(*live);
    ASSERT_TRUE(WaitForLost(i));
  }
  lifecycle.Shutdown();  // waits until both have ended
  const auto refused = lifecycle.Ensure();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::crash_loop) << refused.error().message;
}

class EventTest : public LossTest {
 protected:
  EventTest() {
    options_.on_event = [this](const LifecycleEvent& event) {
      events_.emplace_back(event.kind, event.text);
    };
  }

  std::vector<Kind> Kinds() const {
    std::vector<Kind> kinds;
    for (const auto& [kind, text] : events_) kinds.push_back(kind);
    return kinds;
  }

  std::vector<std::pair<Kind, std::string>> events_;  // read it when the lifecycle is gone
};

TEST_F(EventTest, AStartAndARestartAreTold) {
  {
    SidecarLifecycle lifecycle(config_, options_);
    const auto first = lifecycle.Ensure();
    ASSERT_TRUE(first) << first.error().message;
    ::kill(first->pid().value(), SIGKILL);
    ASSERT_TRUE(WaitForLost(1));
    ASSERT_TRUE(lifecycle.Ensure());
  }
  ASSERT_THAT(Kinds(), ElementsAre(Kind::started, Kind::restarted));
  EXPECT_THAT(events_[0].second, HasSubstr("is up, process "));
  EXPECT_THAT(events_[1].second, HasSubstr("after the one before was lost"));
}

TEST_F(EventTest, AStartAfterAnyFailedOneIsARestart) {
  const std::string binary = directory_ / "installed-later";
  options_.environment->Set("ZLAYER_BUILDD_BIN", binary);
  {
    SidecarLifecycle lifecycle(config_, options_);
    EXPECT_EQ(lifecycle.Ensure().error().kind, ErrorKind::binary_not_found);
    ASSERT_EQ(::symlink(FAKE_BUILDD_PATH, binary.c_str()), 0);
    ASSERT_TRUE(lifecycle.Ensure());
  }
  EXPECT_THAT(Kinds(), ElementsAre(Kind::restarted));
}

TEST_F(EventTest, AConnectionToARemoteAfterAFailedOneIsARestart) {
  LifecycleOptions quiet = options_;
  quiet.on_event = nullptr;
  SidecarLifecycle host(config_, quiet);
  const auto sidecar = host.Ensure();
  ASSERT_TRUE(sidecar) << sidecar.error().message;
  config_.addr = sidecar->address();
  const std::string ca = directory_ / "buildd/.current/ca.pem";
  const std::string away = directory_ / "ca.pem";
  {
    SidecarLifecycle lifecycle(config_, options_);
    ASSERT_EQ(::rename(ca.c_str(), away.c_str()), 0);
    EXPECT_EQ(lifecycle.Ensure().error().kind, ErrorKind::tls_material);
    ASSERT_EQ(::rename(away.c_str(), ca.c_str()), 0);
    const auto live = lifecycle.Ensure();
    ASSERT_TRUE(live) << live.error().message;
  }
  EXPECT_THAT(Kinds(), ElementsAre(Kind::restarted));
}

TEST_F(EventTest, AStopThatNeedsSigkillIsTold) {
  UsePlan("fault { ignore_signals {} }");
  options_.grace = milliseconds(50);
  {
    SidecarLifecycle lifecycle(config_, options_);
    ASSERT_TRUE(lifecycle.Ensure());
  }
  ASSERT_THAT(Kinds(), ElementsAre(Kind::started, Kind::escalated));
  EXPECT_THAT(events_[1].second, HasSubstr("killed by signal 9"));
}

TEST_F(EventTest, ThatASetWasReplacedIsToldWithTheReason) {
  ASSERT_TRUE(SidecarLifecycle(config_, options_).Ensure());
  ::chmod((directory_ / "buildd/key.pem").c_str(), 0644);
  ASSERT_TRUE(SidecarLifecycle(config_, options_).Ensure());
  ASSERT_THAT(Kinds(), ElementsAre(Kind::started, Kind::certificates_replaced, Kind::started));
  EXPECT_THAT(events_[1].second, AllOf(HasSubstr("buildd"), HasSubstr("key.pem")));
}

TEST_F(EventTest, APauseOfTheCrashLoopIsTold) {
  UsePlan("fault { exit { code: 3 } }");
  options_.restarts.free_restarts = 1;
  {
    SidecarLifecycle lifecycle(config_, options_);
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(lifecycle.Ensure());
  }
  ASSERT_THAT(Kinds(), ElementsAre(Kind::gave_up));
  EXPECT_THAT(events_[0].second, HasSubstr("2 failures in a row"));
}

TEST(EventNameTest, EveryKindHasAName) {
  EXPECT_EQ(LifecycleEventName(Kind::started), "started");
  EXPECT_EQ(LifecycleEventName(Kind::restarted), "restarted");
  EXPECT_EQ(LifecycleEventName(Kind::certificates_replaced), "certificates_replaced");
  EXPECT_EQ(LifecycleEventName(Kind::escalated), "escalated");
  EXPECT_EQ(LifecycleEventName(Kind::gave_up), "gave_up");
}

}  // namespace
}  // namespace zlayer::sidecar
