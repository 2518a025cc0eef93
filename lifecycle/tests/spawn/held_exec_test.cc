// An exec that hangs: the launch ends at its limit or by a cancel, and leaves nothing behind.

#include "lifecycle/tests/spawn/held_exec.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <thread>

#include "lifecycle/src/spawn/find_keeper.h"
#include "lifecycle/tests/base/temporary_directory.h"
#include "lifecycle/tests/share/witness.h"
#include "lifecycle/tests/spawn/children.h"
#include "lifecycle/tests/spawn/shell_launch.h"

namespace zlayer::sidecar {
namespace {

class HeldExecTest : public testing::TestWithParam<Containment> {
 protected:
  void SetUp() override {
    ASSERT_EQ(hold_.error(), 0);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);  // orphans become our children
  }
  void TearDown() override { ::prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0); }

  Result<Launched> Run(const LaunchLimits& limits) {
    return LaunchWhole(loop_.get(), {program_, {}, {}, GetParam(), ""}, limits);
  }

  static bool NoChildIsLeft() {
    const int left = ::waitid(P_ALL, 0, nullptr, WEXITED | WNOHANG | WNOWAIT);
    return left == -1 && errno == ECHILD;
  }

  const std::shared_ptr<EventLoop> loop_ = EventLoop::Shared().value();
  const TemporaryDirectory directory_;
  const std::string program_ = directory_.Write("program", "#!/bin/sh\n", 0755);
  const HeldExec hold_{program_};
};

TEST_P(HeldExecTest, EndsAtTheLimit) {
  const auto launched = Run({{}, Clock::now() + std::chrono::milliseconds(50)});
  ASSERT_FALSE(launched);
  EXPECT_EQ(launched.error().kind, ErrorKind::handshake_timeout);
  EXPECT_EQ(launched.error().message, program_ + " could not be started in time");
  EXPECT_TRUE(NoChildIsLeft());
}

TEST_P(HeldExecTest, EndsWithACancel) {
  std::stop_source stop;
  const std::jthread canceller([&] {
    if (hold_.AwaitExec()) stop.request_stop();
  });
  const auto launched = Run({stop.get_token(), LongLimits().deadline});
  ASSERT_FALSE(launched);
  EXPECT_EQ(launched.error().kind, ErrorKind::cancelled);
  EXPECT_EQ(launched.error().message, "cancelled while " + program_ + " was being started");
  EXPECT_TRUE(NoChildIsLeft());
}

/// setegid(2) waits until each thread of this process has made the call, too.
TEST_P(HeldExecTest, LetsItsHostChangeUserAndGroup) {
  std::stop_source stop;
  const std::jthread host([&] {
    if (hold_.AwaitExec() && ::setegid(::getegid()) == 0) stop.request_stop();
  });
  const auto launched = Run({stop.get_token(), LongLimits().deadline});
  ASSERT_FALSE(launched);
  EXPECT_EQ(launched.error().kind, ErrorKind::cancelled);  // not handshake_timeout
}

TEST_P(HeldExecTest, HoldsNoDescriptorOfItsHost) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  std::stop_source stop;
  bool hung_up = false;
  const std::jthread host([&] {
    if (hold_.AwaitExec()) {
      writer.reset();
      pollfd end{reader.get(), POLLIN, 0};
      hung_up = ::poll(&end, 1, 10'000) == 1;  // well before the limit
    }
    stop.request_stop();
  });
  EXPECT_FALSE(Run({stop.get_token(), LongLimits().deadline}));
  EXPECT_TRUE(hung_up);
}

/// Under ThreadSanitizer the library uses posix_spawn instead of clone (see child_process.cc). With
/// Containment::group that waits for the exec without a limit; a keeper still has one.
auto LevelsWithExecLimit() {
#ifdef ZLAYER_THREAD_SANITIZER
  return testing::Values(Containment::keeper);
#else
  return EveryLevel();
#endif
}

INSTANTIATE_TEST_SUITE_P(, HeldExecTest, LevelsWithExecLimit(),
                         [](const auto& level) { return LevelName(level.param); });

#ifndef ZLAYER_THREAD_SANITIZER  // posix_spawn, used instead of clone, has no limit

class HeldKeeperTest : public testing::Test {
 protected:
  /// Long enough for a sidecar that forks to be up; the keeper is not on guard within it.
  static LaunchLimits ShortLimits() { return {{}, Clock::now() + std::chrono::milliseconds(50)}; }

  const TemporaryDirectory directory_;
  const Witness witness_;
};

TEST_F(HeldKeeperTest, AKeeperWhoseExecHangsEndsAtTheLimitAndWithTheSidecar) {
  const std::string keeper = directory_ / "keeper";
  std::filesystem::copy_file(*FindKeeper(""), keeper);
  const HeldExec hold(keeper);
  ASSERT_EQ(hold.error(), 0);
  LaunchRequest request{"/bin/sh",
                        {"-c", "exec 9>" + witness_.path() + "; exec sleep 100"},
                        SmallEnvironment(),
                        Containment::keeper,
                        keeper};
  const auto begin = Clock::now();
  const auto launched = LaunchWhole(nullptr, std::move(request), ShortLimits());
  ASSERT_FALSE(launched);
  EXPECT_EQ(launched.error().kind, ErrorKind::handshake_timeout);
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds(20));  // the lease is held for 45 s
}

TEST_F(HeldKeeperTest, AKeeperThatIsStoppedBeforeItsExecObeysTheCancel) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  const std::string program = directory_.Write("program", "#!/bin/sh\n", 0755);
  const HeldExec hold(program);
  ASSERT_EQ(hold.error(), 0);
  std::stop_source stop;
  const std::jthread canceller([&] {
    if (!hold.AwaitExec()) return;
    // The keeper's process waits for the sidecar's exec. It is our only child.
    for (const pid_t child : ChildrenOf(::getpid())) ::kill(child, SIGSTOP);
    stop.request_stop();
  });
  const auto launched = LaunchWhole(nullptr, {program, {}, {}, Containment::keeper, ""},
                                    {stop.get_token(), LongLimits().deadline});
  ASSERT_FALSE(launched);
  EXPECT_EQ(launched.error().kind, ErrorKind::cancelled);
  while (::waitpid(-1, nullptr, 0) > 0) {  // the sidecar, which has died with its parent
  }
  ::prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
}

#endif

}  // namespace
}  // namespace zlayer::sidecar
