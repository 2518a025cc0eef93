#include "lifecycle/src/base/start_wait.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "lifecycle/tests/share/refused_call.h"
#include "lifecycle/tests/share/run_host.h"

namespace zlayer::sidecar {
namespace {

/// RunHost ends a host that waits so long.
constexpr std::chrono::minutes kForever{10};

/// Whether a wait hears a stop that comes from another thread. 0: yes.
int HearsACancel() {
  std::stop_source source;
  StartWait wait(source.get_token(), -1);
  const std::jthread canceller([&] { source.request_stop(); });
  return wait.For(-1, 0, Clock::now() + kForever) == Waited::cancelled ? 0 : 1;
}

TEST(StartWaitTest, WithoutAnEventfdACancelIsHeard) {
  EXPECT_EQ(RunHost([] { return RefuseCall(SYS_eventfd2, EMFILE) ? HearsACancel() : 102; }), 0);
}

TEST(StartWaitTest, WherePollFailsACancelAndTheDeadlineAreHeard) {
  EXPECT_EQ(RunHost([] {
              if (!RefusePoll(ENOMEM)) return 102;
              const Deadline soon = Clock::now() + std::chrono::milliseconds(50);
              if (StartWait({}, -1).For(-1, 0, soon) != Waited::timeout) return 2;
              return HearsACancel();
            }),
            0);
}

TEST(StartWaitTest, AnEventfdThatTheHostClosedIsNoCancel) {
  EXPECT_EQ(RunHost([] {
              StartWait wait({}, -1);
              ::close_range(3, ~0U, 0);
              const Deadline soon = Clock::now() + std::chrono::milliseconds(50);
              return wait.For(-1, 0, soon) == Waited::timeout ? 0 : 1;
            }),
            0);
}

}  // namespace
}  // namespace zlayer::sidecar
