// The thread that waits in Ensure is held up, by its own signal handler, after the start has ended.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <future>
#include <mutex>
#include <string>
#include <vector>

#include "lifecycle/tests/share/fake_world.h"

namespace zlayer::sidecar {
namespace {

using testing::ElementsAre;
using Kind = LifecycleEvent::Kind;

int g_hold[2];  // the handler waits for a byte of this pipe

void Hold(int) {
  char byte = 0;
  while (::read(g_hold[0], &byte, 1) < 0) {
  }
}

class HeldCallerTest : public FakeWorld {
 protected:
  void SetUp() override {
    ASSERT_EQ(::pipe(g_hold), 0);
    struct sigaction hold {};
    hold.sa_handler = Hold;
    ASSERT_EQ(::sigaction(SIGUSR1, &hold, &before_), 0);
  }
  void TearDown() override {
    ::sigaction(SIGUSR1, &before_, nullptr);
    ::close(g_hold[0]);
    ::close(g_hold[1]);
  }

  struct sigaction before_ {};
};

TEST_F(HeldCallerTest, OnLostDoesNotGetTheLostSidecarBack) {
  UsePlan("fault { when { launches: 1 } exit { phase: SERVING delay_ms: 600 code: 3 } }");
  std::filesystem::create_directory(directory_ / "state");
  options_.environment->Set("ZLAYER_FAKE_STATE", directory_ / "state");
  const pthread_t waiting = ::pthread_self();
  std::once_flag held;
  options_.on_phase = [&](Phase, std::chrono::nanoseconds) {
    std::call_once(held, [&] { ::pthread_kill(waiting, SIGUSR1); });
  };
  std::vector<Kind> events;  // read when the lifecycle is gone
  options_.on_event = [&](const LifecycleEvent& event) { events.push_back(event.kind); };
  SidecarLifecycle* lifecycle = nullptr;
  std::promise<bool> alive;
  options_.on_lost = [&](const LifecycleError&) {
    const auto next = lifecycle->Ensure();
    alive.set_value(next && next->alive());
    EXPECT_EQ(::write(g_hold[1], "", 1), 1);
  };
  {
    SidecarLifecycle owner(config_, options_);
    lifecycle = &owner;
    EXPECT_TRUE(owner.Ensure());
    EXPECT_TRUE(alive.get_future().get());
  }
  EXPECT_THAT(events, ElementsAre(Kind::started, Kind::restarted));
}

}  // namespace
}  // namespace zlayer::sidecar
