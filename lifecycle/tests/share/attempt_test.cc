// A cancel that comes when the start has all but succeeded, and a start whose memory runs out.

#include "lifecycle/src/share/attempt.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <future>
#include <new>

#include "lifecycle/tests/share/fake_world.h"
#include "lifecycle/tests/spawn/children.h"

namespace zlayer::sidecar {
namespace {

class AttemptTest : public FakeWorld {};

/// on_phase runs on the attempt's thread here, and `probe` is the last phase: the sidecar has
/// answered its RPC, and nothing asks for the stop token any more.
TEST_F(AttemptTest, ACancelAfterTheFirstAnswerKillsTheSidecarWithoutAGrace) {
  UsePlan("fault { ignore_signals {} }");
  options_.grace = std::chrono::milliseconds::max();
  std::promise<Attempt*> made;
  bool cancelled = false;
  options_.on_phase = [&](Phase phase, std::chrono::nanoseconds) {
    if (phase == Phase::probe) cancelled = made.get_future().get()->Cancel();
  };
  const auto loop = EventLoop::Shared();
  ASSERT_TRUE(loop);
  StartHooks hooks;
  hooks.on_lost = [](const std::shared_ptr<const Loss>&) {
    ADD_FAILURE() << "nobody had the sidecar";
  };
  Attempt attempt(config_, options_, *options_.environment, *loop, hooks);
  made.set_value(&attempt);

  ASSERT_TRUE(attempt.Wait({}, DeadlineIn(std::chrono::seconds(20)))) << "it waits for the grace";
  EXPECT_TRUE(cancelled);
  ASSERT_FALSE(attempt.result());
  EXPECT_EQ(attempt.result().error().kind, ErrorKind::cancelled);
}

TEST_F(AttemptTest, MemoryThatRunsOutInAnyPhaseIsAnErrorAndLeavesNoProcess) {
  const auto loop = EventLoop::Shared();
  ASSERT_TRUE(loop);
  StartHooks hooks;
  hooks.on_lost = [](const std::shared_ptr<const Loss>&) {
    ADD_FAILURE() << "nobody had the sidecar";
  };
  for (const Phase phase : {Phase::discover, Phase::tls_material, Phase::storage, Phase::spawn,
                            Phase::handshake, Phase::dial, Phase::probe}) {
    options_.on_phase = [phase](Phase ended, std::chrono::nanoseconds) {
      if (ended == phase) throw std::bad_alloc();
    };
    Attempt attempt(config_, options_, *options_.environment, *loop, hooks);
    ASSERT_TRUE(attempt.Wait({}, kNever));
    ASSERT_FALSE(attempt.result()) << PhaseName(phase);
    EXPECT_EQ(attempt.result().error().kind, ErrorKind::spawn_failed);
    EXPECT_EQ(attempt.result().error().message, "out of memory");
    EXPECT_TRUE(ChildrenOf(::getpid()).empty()) << PhaseName(phase);
  }
}

}  // namespace
}  // namespace zlayer::sidecar
