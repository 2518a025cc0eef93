#include "lifecycle/src/share/attempt.h"

#include <gtest/gtest.h>

#include "lifecycle/tests/share/fake_world.h"

namespace zlayer::sidecar {
namespace {

using AttemptTest = FakeWorld;

/// A cancel that comes as the start succeeds. The sidecar has served nobody.
TEST_F(AttemptTest, ACancelAfterTheSuccessDoesNotWaitOutTheGrace) {
  UsePlan("fault { ignore_signals {} }");
  options_.grace = std::chrono::seconds(40);
  auto attempt = std::make_shared<Attempt>(config_, options_, EventLoop::Shared(), [] {});
  ASSERT_TRUE(attempt->Wait({}));
  ASSERT_TRUE(attempt->result()) << attempt->result().error().message;
  const auto process = (*attempt->result())->parts().process;
  const auto begin = Clock::now();
  End(std::move(attempt));
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds(20));
  const auto end = process->End();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->signal, 9);
  EXPECT_FALSE(end->escalated);
}

}  // namespace
}  // namespace zlayer::sidecar
