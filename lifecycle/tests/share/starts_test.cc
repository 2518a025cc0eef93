// The starts of a lifecycle, with an attempt that does not end when it is cancelled.

#include "lifecycle/src/share/starts.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>

#include "lifecycle/tests/share/fake_world.h"

namespace zlayer::sidecar {
namespace {

using std::chrono::milliseconds;

class StartsTest : public FakeWorld {
 protected:
  Result<std::shared_ptr<Sidecar>> Join(Deadline deadline, const std::stop_token& stop = {}) {
    return starts_.Join(deadline, stop, *options_.environment);
  }

  StartHooks Hooks() {
    StartHooks hooks;
    hooks.on_lost = [](const std::shared_ptr<const Loss>&) {};
    return hooks;
  }

  int begun_ = 0;
  const std::shared_ptr<EventLoop> loop_ = EventLoop::Shared().value();
  const std::shared_ptr<CurrentSidecar> current_ =
      std::make_shared<CurrentSidecar>(options_.restarts, nullptr, /*remote=*/false);
  StartedSidecars started_;
  Starts starts_{current_, &started_, [this](Environment environment) {
                   ++begun_;
                   return std::make_shared<Attempt>(config_, options_, std::move(environment),
                                                    loop_, Hooks());
                 }};
};

TEST_F(StartsTest, NoStartBeginsBeforeACancelledOneHasEnded) {
  std::latch file_system_answers(1);
  options_.on_phase = [&](Phase phase, std::chrono::nanoseconds) {  // on the attempt's thread
    if (phase == Phase::discover) file_system_answers.wait();
  };
  for (int i = 0; i < 3; ++i) {
    const auto given_up = Join(DeadlineIn(milliseconds(50)));
    ASSERT_FALSE(given_up);
    EXPECT_EQ(given_up.error().kind, ErrorKind::cancelled);
  }
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(Join(kNever, stop.get_token()));
  EXPECT_EQ(begun_, 1);
  file_system_answers.count_down();
  auto sidecar = Join(kNever);
  ASSERT_TRUE(sidecar) << sidecar.error().message;
  EXPECT_EQ(begun_, 2);
  sidecar = tl::unexpected(LifecycleError{});
  current_->Drop();
  EXPECT_TRUE(started_.WaitForEnd(kNever));
}

}  // namespace
}  // namespace zlayer::sidecar
