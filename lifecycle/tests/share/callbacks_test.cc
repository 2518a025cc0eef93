// What a callback may do, and when none runs any more.

#include "lifecycle/src/share/callbacks.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <iterator>
#include <latch>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "lifecycle/tests/share/fake_world.h"
#include "zlayer/proto/buildah_sidecar.grpc.pb.h"

namespace zlayer::sidecar {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using Kind = LifecycleEvent::Kind;

constexpr seconds kPatience{30};

class CallbacksTest : public FakeWorld {
 protected:
  /// Waits for a value that a callback gives.
  template <typename T>
  static T Await(std::future<T> future) {
    EXPECT_EQ(future.wait_for(kPatience), std::future_status::ready) << "no callback came back";
    if (future.wait_for(seconds(0)) != std::future_status::ready) std::abort();  // it hangs
    return future.get();
  }

  static void Kill(const LiveSidecar& live) { ::kill(live.pid().value(), SIGKILL); }
};

TEST_F(CallbacksTest, ALostSidecarIsRestartedInOnLost) {
  SidecarLifecycle* lifecycle = nullptr;
  std::promise<std::optional<int>> restarted;
  options_.on_lost = [&](const LifecycleError&) {
    const auto next = lifecycle->Ensure();
    restarted.set_value(next ? next->pid() : std::nullopt);
  };
  SidecarLifecycle owner(config_, options_);
  lifecycle = &owner;
  auto live = owner.Ensure();
  ASSERT_TRUE(live) << live.error().message;
  Kill(*live);
  const auto pid = Await(restarted.get_future());
  ASSERT_TRUE(pid);
  EXPECT_NE(pid, live->pid());
}

TEST_F(CallbacksTest, EveryMethodMayBeCalledInEveryCallback) {
  SidecarLifecycle* lifecycle = nullptr;
  std::promise<void> lost;
  std::promise<void> event;
  std::promise<void> phase;
  std::promise<void> line;
  std::once_flag once_event;
  std::once_flag once_phase;
  std::once_flag once_line;
  std::once_flag once_lost;
  const auto use = [&] {
    (void)lifecycle->Ensure();
    lifecycle->DropConnection();
    lifecycle->Shutdown();
  };
  options_.on_phase = [&](Phase, std::chrono::nanoseconds) {
    std::call_once(once_phase, [&] { use(), phase.set_value(); });
  };
  options_.on_event = [&](const LifecycleEvent&) {
    std::call_once(once_event, [&] { use(), event.set_value(); });
  };
  options_.on_stderr_line = [&](std::string_view) {
    std::call_once(once_line, [&] { use(), line.set_value(); });
  };
  options_.on_lost = [&](const LifecycleError&) {
    std::call_once(once_lost, [&] { use(), lost.set_value(); });
  };
  SidecarLifecycle owner(config_, options_);
  lifecycle = &owner;
  (void)owner.Ensure();
  Await(phase.get_future());
  Await(event.get_future());
  Await(line.get_future());
  auto live = owner.Ensure();
  ASSERT_TRUE(live) << live.error().message;
  Kill(*live);
  Await(lost.get_future());
}

TEST_F(CallbacksTest, ALifecycleMayBeDestroyedInItsOwnCallback) {
  std::optional<SidecarLifecycle> lifecycle;
  // Shared: the callback may return later than this test.
  const auto gone = std::make_shared<std::promise<void>>();
  const auto later = std::make_shared<std::atomic<int>>(0);
  options_.on_event = [later](const LifecycleEvent&) { ++*later; };
  options_.on_lost = [&lifecycle, gone, later](const LifecycleError&) {
    lifecycle.reset();
    *later = 0;
    gone->set_value();
  };
  lifecycle.emplace(config_, options_);
  {
    auto live = lifecycle->Ensure();
    ASSERT_TRUE(live) << live.error().message;
    Kill(*live);
  }
  Await(gone->get_future());
  EXPECT_EQ(*later, 0) << "a callback after the one that destroyed the lifecycle";
}

TEST_F(CallbacksTest, ACallbackThatBlocksHoldsUpNoOtherLifecycle) {
  std::latch entered(1);
  std::latch leave(1);
  options_.on_lost = [&](const LifecycleError&) {
    entered.count_down();
    leave.wait();
  };
  SidecarLifecycle blocked(config_, options_);
  auto live = blocked.Ensure();
  ASSERT_TRUE(live) << live.error().message;
  Kill(*live);
  entered.wait();
  auto other = std::async(std::launch::async, [this] {
    LifecycleOptions options = options_;
    options.on_lost = nullptr;
    SidecarLifecycle free(config_, options);
    const bool up = free.Ensure().has_value();
    const auto report = free.Shutdown();
    return up && report && report->exit_code == 0;
  });
  EXPECT_TRUE(Await(std::move(other)));
  EXPECT_TRUE(blocked.Ensure()) << "its own starts go on, too";
  leave.count_down();
}

/// Kills the sidecar and destroys the lifecycle at the same time, often. A callback that comes late
/// finds `destroyed`.
TEST_F(CallbacksTest, NoCallbackRunsAfterTheDestructor) {
  std::atomic<bool> destroyed = false;
  std::atomic<int> late = 0;
  options_.on_lost = [&](const LifecycleError&) {
    for (int i = 0; i < 200; ++i) std::this_thread::yield();
    if (destroyed) ++late;
  };
  for (const Containment containment : {Containment::group, Containment::keeper}) {
    options_.containment = containment;
    for (int i = 0; i < 20; ++i) {
      destroyed = false;
      auto lifecycle = std::make_unique<SidecarLifecycle>(config_, options_);
      auto live = lifecycle->Ensure();
      ASSERT_TRUE(live) << live.error().message;
      Kill(*live);
      while (i % 2 == 1 && live->alive()) std::this_thread::yield();
      lifecycle.reset();
      destroyed = true;
      live = tl::unexpected(LifecycleError{});
    }
  }
  EXPECT_EQ(late, 0);
}

TEST_F(CallbacksTest, NoCallbackOfARemoteRunsAfterTheDestructor) {
  std::atomic<bool> destroyed = false;
  std::atomic<int> late = 0;
  for (int i = 0; i < 10; ++i) {
    LifecycleOptions quiet = options_;
    quiet.on_lost = nullptr;
    SidecarLifecycle host(config_, quiet);
    auto sidecar = host.Ensure();
    ASSERT_TRUE(sidecar) << sidecar.error().message;
    SidecarConfig remote = config_;
    remote.addr = sidecar->address();
    options_.on_lost = [&](const LifecycleError&) {
      for (int j = 0; j < 200; ++j) std::this_thread::yield();
      if (destroyed) ++late;
    };
    destroyed = false;
    auto lifecycle = std::make_unique<SidecarLifecycle>(remote, options_);
    auto live = lifecycle->Ensure();
    ASSERT_TRUE(live) << live.error().message;
    Kill(*sidecar);
    while (i % 2 == 1 && live->alive()) std::this_thread::yield();
    lifecycle.reset();
    destroyed = true;
  }
  EXPECT_EQ(late, 0);
}

TEST_F(CallbacksTest, TheDestructorWaitsForTheCallbackThatRuns) {
  std::latch entered(1);
  std::atomic<bool> returned = false;
  options_.on_lost = [&](const LifecycleError&) {
    entered.count_down();
    for (int i = 0; i < 10'000; ++i) std::this_thread::yield();
    returned = true;
  };
  auto lifecycle = std::make_unique<SidecarLifecycle>(config_, options_);
  {
    auto live = lifecycle->Ensure();
    ASSERT_TRUE(live) << live.error().message;
    Kill(*live);
  }
  entered.wait();
  lifecycle.reset();
  EXPECT_TRUE(returned);
}

TEST_F(CallbacksTest, AnEnsureInACallbackOfADestroyedLifecycleIsCancelled) {
  SidecarLifecycle* lifecycle = nullptr;
  std::latch entered(1);
  std::latch destroying(1);
  std::optional<ErrorKind> seen;
  options_.on_lost = [&](const LifecycleError&) {
    entered.count_down();
    destroying.wait();
    for (;;) {
      const auto next = lifecycle->Ensure();  // may still come before the destructor begins
      if (next) continue;
      seen = next.error().kind;
      return;
    }
  };
  auto owner = std::make_unique<SidecarLifecycle>(config_, options_);
  lifecycle = owner.get();
  {
    auto live = lifecycle->Ensure();
    ASSERT_TRUE(live) << live.error().message;
    Kill(*live);
  }
  entered.wait();
  destroying.count_down();
  owner.reset();
  EXPECT_EQ(seen, ErrorKind::cancelled);
}

/// The reader is slow only once the sidecar is up; the flood goes on then, because of its rate.
TEST_F(CallbacksTest, ASlowReaderOfStderrGetsEveryLine) {
  constexpr size_t kFlood = 8 * Callbacks::kQueueLimit;
  UsePlan(fmt::format("fault {{ flood {{ stream: STDERR phase: SERVING bytes: {} rate: {} }} }}",
                      kFlood, kFlood));
  std::atomic<bool> up = false;
  std::promise<void> blocked;
  bool told_blocked = false;
  std::latch go(1);
  std::promise<void> all;
  size_t bytes = 0;
  bool told = false;
  options_.on_stderr_line = [&](std::string_view line) {
    if (up && !std::exchange(told_blocked, true)) {
      blocked.set_value();
      go.wait();
    }
    bytes += line.size() + 1;
    if (bytes >= kFlood && !std::exchange(told, true)) all.set_value();
  };
  SidecarLifecycle lifecycle(config_, options_);
  const auto live = lifecycle.Ensure();
  ASSERT_TRUE(live) << live.error().message;
  up = true;
  Await(blocked.get_future());
  go.count_down();
  Await(all.get_future());
}

TEST_F(CallbacksTest, AStopDoesNotWaitForACallbackThatBlocks) {
  UsePlan("fault { flood { stream: STDERR phase: SERVING bytes: 8388608 } }");
  options_.grace = std::chrono::milliseconds(100);  // the fake blocks at its full pipe
  std::latch leave(1);
  options_.on_stderr_line = [&](std::string_view) { leave.wait(); };
  SidecarLifecycle lifecycle(config_, options_);
  ASSERT_TRUE(lifecycle.Ensure());
  EXPECT_TRUE(lifecycle.Shutdown());
  leave.count_down();
}

/// The sidecar has more to say than the queue and its pipe take, so it can only come up if somebody
/// reads it. That it can also stop:
/// SidecarProcessTest.ASidecarWhoseStderrIsPausedIsReadOnceItIsToStop.
TEST_F(CallbacksTest, ASidecarComesUpWhileOnStderrLineBlocks) {
  UsePlan("fault { flood { stream: STDERR phase: BOUND bytes: 8388608 } }");
  std::latch leave(1);
  options_.on_stderr_line = [&](std::string_view) { leave.wait(); };
  SidecarLifecycle lifecycle(config_, options_);
  const auto live = lifecycle.Ensure();
  leave.count_down();
  EXPECT_TRUE(live) << live.error().message;
}

int OpenDescriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<int>(std::distance(begin(all), end(all)));
}

TEST_F(CallbacksTest, ALossThatWaitsForOnLostHoldsNoDescriptor) {
  std::latch leave(1);
  options_.restarts.free_restarts = 1000;
  options_.on_lost = [&](const LifecycleError&) { leave.wait(); };
  SidecarLifecycle lifecycle(config_, options_);
  const auto lose = [&](int sidecars) {
    for (int i = 0; i < sidecars; ++i) {
      const auto live = lifecycle.Ensure();
      if (!live) ADD_FAILURE() << live.error().message;
      if (!live) return;
      Kill(*live);
      while (live->alive()) std::this_thread::yield();
    }
  };
  lose(2);
  lifecycle.Shutdown();
  const int before = OpenDescriptors();
  lose(6);
  lifecycle.Shutdown();
  const auto until = std::chrono::steady_clock::now() + seconds(10);  // gRPC closes its own later
  while (OpenDescriptors() > before + 2 && std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();
  }
  EXPECT_LE(OpenDescriptors(), before + 2);
  leave.count_down();
}

}  // namespace
}  // namespace zlayer::sidecar
