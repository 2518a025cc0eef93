// A keeper that does not run: it is stopped, held by a debugger, or killed. The sidecar's end is
// reported all the same.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cerrno>

#include "lifecycle/src/spawn/keeper_link.h"
#include "lifecycle/src/supervise/sidecar_process.h"
#include "lifecycle/tests/share/witness.h"
#include "lifecycle/tests/spawn/children.h"
#include "lifecycle/tests/spawn/shell_launch.h"

namespace zlayer::sidecar {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class StoppedKeeperTest : public testing::TestWithParam<Containment> {
 protected:
  /// A sidecar and a child of it in its group, both up. Both keep the witness.
  std::shared_ptr<SidecarProcess> Run(const std::string& script = "") {
    auto launched = LaunchShell(
        loop_.get(), GetParam(),
        script + " exec 9>" + witness_.path() + "; sleep 100 & echo up; exec sleep 100");
    EXPECT_TRUE(launched) << launched.error().message;
    auto process = SidecarProcess::Adopt(loop_.get(), std::move(*launched), {});
    EXPECT_TRUE(process->WaitForLine(seconds(20), Clock::now() + seconds(20), {}));
    return process;
  }

  /// In a PID namespace the handle shows the keeper itself.
  static pid_t KeeperOf(const SidecarProcess& process) {
    return GetParam() == Containment::pid_namespace ? process.pid() : ParentOf(process.pid());
  }

  static std::optional<StopReport> EndOf(SidecarProcess& process) {
    return process.WaitForEndUntil(Clock::now() + seconds(20));
  }

  const Witness witness_;
  std::shared_ptr<EventLoop> loop_ = EventLoop::Shared().value();
};

TEST_P(StoppedKeeperTest, EveryOrderWakesAStoppedKeeper) {
  for (const bool kill : {false, true}) {
    const auto process = Run();
    ASSERT_EQ(::kill(KeeperOf(*process), SIGSTOP), 0);
    kill ? process->Kill() : process->Terminate(seconds(100));
    const auto end = EndOf(*process);
    ASSERT_TRUE(end);
    EXPECT_EQ(end->signal, kill ? SIGKILL : SIGTERM);
    EXPECT_FALSE(end->escalated);
    EXPECT_TRUE(witness_.AllGoneWithin(seconds(20)));
  }
}

/// SIGCONT does not wake a process that a debugger holds.
class Debugger {
 public:
  explicit Debugger(pid_t pid) {
    held_ = ::ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) == 0 &&
            ::ptrace(PTRACE_INTERRUPT, pid, nullptr, nullptr) == 0;
    siginfo_t info{};
    held_ = held_ && ::waitid(P_PID, static_cast<id_t>(pid), &info, WSTOPPED) == 0;
  }
  bool held() const { return held_; }

 private:
  bool held_;
};

TEST_P(StoppedKeeperTest, AKeeperThatDoesNotTakeTheOrderIsKilledWithTheSidecarsGroup) {
  for (const bool kill : {false, true}) {
    const auto process = Run();
    ASSERT_TRUE(Debugger(KeeperOf(*process)).held());
    kill ? process->Kill() : process->Terminate(milliseconds(10));
    const auto end = EndOf(*process);
    ASSERT_TRUE(end);
    EXPECT_EQ(end->keeper_signal, SIGKILL);
    EXPECT_EQ(end->escalated, !kill);
    EXPECT_EQ(SidecarProcess::Describe(*end),
              "was killed, because its keeper was killed by signal 9 (Killed)");
    EXPECT_TRUE(witness_.AllGoneWithin(seconds(20)));
  }
}

TEST_P(StoppedKeeperTest, AKilledKeeperIsNamedAndTheSidecarsGroupGoesWithIt) {
  const auto process = Run();
  ASSERT_EQ(::kill(KeeperOf(*process), SIGKILL), 0);
  const auto end = EndOf(*process);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->exit_code, std::nullopt);
  EXPECT_EQ(end->signal, std::nullopt);
  EXPECT_EQ(end->keeper_signal, SIGKILL);
  EXPECT_TRUE(witness_.AllGoneWithin(seconds(20)));
}

/// As the init of a container is.
TEST_P(StoppedKeeperTest, AHostThatIsASubreaperKeepsNoZombieOfASidecarWhoseKeeperWasKilled) {
  ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
  const auto process = Run();
  const pid_t sidecar = process->pid();
  ASSERT_EQ(::kill(KeeperOf(*process), SIGKILL), 0);
  const auto end = EndOf(*process);
  ::prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->keeper_signal, SIGKILL);
  EXPECT_EQ(::waitpid(sidecar, nullptr, WNOHANG), -1) << "the sidecar is not reaped";
  EXPECT_EQ(errno, ECHILD);
  while (::waitpid(-1, nullptr, 0) > 0) {  // the sidecar's child, which the host itself reaps
  }
}

#ifdef ZLAYER_THREAD_SANITIZER
const auto kLevels = testing::Values(Containment::keeper);
#else
const auto kLevels = testing::Values(Containment::keeper, Containment::pid_namespace);
#endif
INSTANTIATE_TEST_SUITE_P(, StoppedKeeperTest, kLevels,
                         [](const auto& level) { return LevelName(level.param); });

class KeeperLinkTest : public testing::Test {
 protected:
  void SetUp() override {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    link_ = KeeperLink({-1, UniqueFd()}, UniqueFd(ends[0]));
    keeper_.reset(ends[1]);
  }

  KeeperLink link_;
  UniqueFd keeper_;
};

TEST_F(KeeperLinkTest, AnOrderThatDoesNotFitIsLostAndNoticed) {
  ASSERT_TRUE(link_.Order(SIGCONT));
  bool taken = true;
  for (int i = 0; taken && i < 100'000; ++i) taken = link_.Order(SIGCONT);
  EXPECT_FALSE(taken);
}

TEST_F(KeeperLinkTest, AnOrderIsUnreadUntilTheKeeperReadsIt) {
  EXPECT_FALSE(link_.HasUnreadOrders());
  EXPECT_TRUE(link_.Order(SIGKILL));
  EXPECT_TRUE(link_.HasUnreadOrders());
  ToKeeper order{};
  ASSERT_EQ(::recv(keeper_.get(), &order, sizeof order, 0), static_cast<ssize_t>(sizeof order));
  EXPECT_FALSE(link_.HasUnreadOrders());
}

TEST_F(KeeperLinkTest, AnOrderToAKeeperThatHasEndedIsNotLost) {
  keeper_.reset();
  EXPECT_TRUE(link_.Order(SIGKILL));
}

}  // namespace
}  // namespace zlayer::sidecar
