// SidecarProcess with real processes: small shell scripts, at every level of containment.

#include "lifecycle/src/supervise/sidecar_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <fstream>
#include <future>
#include <mutex>
#include <thread>

#include "lifecycle/tests/share/witness.h"
#include "lifecycle/tests/spawn/shell_launch.h"

namespace zlayer::sidecar {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

/// Longer than any step that works; a test that fails waits for this long.
constexpr milliseconds kPatience{20'000};

class SidecarProcessTest : public testing::TestWithParam<Containment> {
 protected:
  std::shared_ptr<SidecarProcess> Run(const std::string& script) {
    auto launched = LaunchShell(loop_.get(), GetParam(), script);
    EXPECT_TRUE(launched) << launched.error().message;
    return SidecarProcess::Adopt(loop_.get(), std::move(*launched),
                                 [this](std::string_view line) { lines_.emplace_back(line); });
  }

  static Result<std::string> LineOf(SidecarProcess& process, milliseconds limit = kPatience) {
    return process.WaitForLine(limit, Clock::now() + limit, {});
  }

  std::vector<std::string> lines_;  // written by the loop's thread; read it after WaitForEnd
  std::shared_ptr<EventLoop> loop_ = EventLoop::Shared().value();
};

TEST_P(SidecarProcessTest, TheFirstLineIsHandedOverAndTheRestIsDrained) {
  const auto process = Run("echo first; head -c 300000 /dev/zero; echo end >&2");
  EXPECT_EQ(LineOf(*process).value(), "first");
  EXPECT_EQ(process->WaitForEnd().exit_code, 0);
  EXPECT_EQ(process->StderrTail(), "end\n");
}

TEST_P(SidecarProcessTest, AnExitBeforeTheLineNamesStatusAndStderr) {
  const auto process = Run("printf LIST; echo 'no space left' >&2; exit 3");
  const auto line = LineOf(*process);
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().kind, ErrorKind::exited_before_handshake);
  EXPECT_EQ(line.error().exit_code, 3);
  EXPECT_EQ(line.error().message,
            "the sidecar exited with status 3 before its handshake line; its stdout: \"LIST\"; its "
            "stderr ends: \"no space left\"");
}

TEST_P(SidecarProcessTest, ASidecarWhoseStderrIsPausedIsReadOnceItIsToStop) {
  auto launched = LaunchShell(loop_.get(), GetParam(),
                              "trap 'head -c 300000 /dev/zero >&2; exit 7' TERM; echo up; "
                              "while :; do echo noise >&2; sleep 0.01; done");
  ASSERT_TRUE(launched) << launched.error().message;
  std::promise<void> paused;
  std::once_flag once;
  StderrFlow flow;
  flow.full = [&](const std::function<void()>&) {
    std::call_once(once, [&] { paused.set_value(); });
    return true;  // and it never calls what it got
  };
  const auto process = SidecarProcess::Adopt(
      loop_.get(), std::move(*launched), [](std::string_view) {}, flow);
  ASSERT_TRUE(LineOf(*process));
  process->MayBePaused();
  paused.get_future().wait();
  process->Terminate(milliseconds::max());
  const auto end = process->WaitForEndUntil(Clock::now() + kPatience);
  process->Kill();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->exit_code, 7);
}

TEST_P(SidecarProcessTest, ADeathBySignalNamesIt) {
  const auto process = Run("kill -ABRT $$");
  const auto line = LineOf(*process);
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().signal, SIGABRT);
  EXPECT_THAT(line.error().message, HasSubstr("was killed by signal 6 (Aborted)"));
}

TEST_P(SidecarProcessTest, ADeathByARealTimeSignalNamesItsNumber) {
  const auto process = Run("kill -34 $$");
  const auto line = LineOf(*process);
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().signal, 34);
  EXPECT_THAT(line.error().message, HasSubstr("was killed by signal 34 before"));
}

TEST_P(SidecarProcessTest, AClosedStdoutOfALivingProcessIsNoExit) {
  const auto process = Run("exec sleep 60 >&-");
  const auto line = LineOf(*process);
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().kind, ErrorKind::handshake_io);
  process->Kill();
  EXPECT_EQ(process->WaitForEnd().signal, SIGKILL);
}

TEST_P(SidecarProcessTest, NoLineInTimeNamesTheLimitAndWhatCame) {
  const auto process = Run("printf LISTENING; exec sleep 60");
  const auto begin = Clock::now();
  const auto line = LineOf(*process, milliseconds(300));
  EXPECT_GE(Clock::now() - begin, milliseconds(300));
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().kind, ErrorKind::handshake_timeout);
  EXPECT_THAT(line.error().message, HasSubstr("within 300 ms"));
  process->Kill();
  process->WaitForEnd();
}

TEST_P(SidecarProcessTest, AStopTokenEndsTheWait) {
  const auto process = Run("exec sleep 60");
  std::stop_source stop;
  std::jthread canceller([&stop] { stop.request_stop(); });
  const auto line = process->WaitForLine(kPatience, Clock::now() + kPatience, stop.get_token());
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().kind, ErrorKind::cancelled);
  process->Kill();
  process->WaitForEnd();
}

TEST_P(SidecarProcessTest, AFullStderrBlocksNobody) {
  const auto process = Run("head -c 1000000 /dev/zero | tr '\\0' x >&2; echo done");
  EXPECT_EQ(LineOf(*process).value(), "done");
  process->WaitForEnd();
  EXPECT_EQ(process->StderrTail(), std::string(TailBuffer::kLimit, 'x'));
}

TEST_P(SidecarProcessTest, StderrLinesReachTheCallback) {
  const auto process = Run("echo one >&2; echo two >&2");
  process->WaitForEnd();
  EXPECT_THAT(lines_, testing::ElementsAre("one", "two"));
}

TEST_P(SidecarProcessTest, TheLastLineOfStderrNeedsNoNewline) {
  const auto process = Run("echo one >&2; printf 'fatal: two' >&2");
  process->WaitForEnd();
  EXPECT_THAT(lines_, testing::ElementsAre("one", "fatal: two"));
}

TEST_P(SidecarProcessTest, SigtermIsEnoughForACooperativeProcess) {
  const auto process = Run("trap 'exit 7' TERM; echo up; while :; do sleep 60 & wait; done");
  ASSERT_TRUE(LineOf(*process));
  process->Terminate(kPatience);
  const StopReport end = process->WaitForEnd();
  EXPECT_EQ(end.exit_code, 7);
  EXPECT_FALSE(end.escalated);
  EXPECT_LT(end.took, kPatience);
}

TEST_P(SidecarProcessTest, AStoppedProcessTakesSigtermToo) {
  const auto process = Run("echo up; kill -STOP $$; sleep 60");
  ASSERT_TRUE(LineOf(*process));
  process->Terminate(kPatience);
  EXPECT_EQ(process->WaitForEnd().signal, SIGTERM);
}

TEST_P(SidecarProcessTest, SigkillComesAfterTheGrace) {
  const auto process = Run("trap '' TERM; echo up; while :; do sleep 60 & wait; done");
  ASSERT_TRUE(LineOf(*process));
  process->Terminate(milliseconds(200));
  const StopReport end = process->WaitForEnd();
  EXPECT_EQ(end.signal, SIGKILL);
  EXPECT_TRUE(end.escalated);
  EXPECT_GE(end.took, milliseconds(200));
}

TEST_P(SidecarProcessTest, ChildrenLeftBehindGoWithTheirLeader) {
  const Witness witness;
  const auto process = Run("exec 9>" + witness.path() + "; sleep 60 & echo up");
  ASSERT_TRUE(LineOf(*process));
  EXPECT_EQ(process->WaitForEnd().exit_code, 0);
  EXPECT_TRUE(witness.AllGoneWithin(kPatience));
}

TEST_P(SidecarProcessTest, EndsCanBeAskedForAgainAndAgain) {
  const auto process = Run("exit 5");
  EXPECT_EQ(process->WaitForEnd().exit_code, 5);
  process->Terminate(milliseconds(0));
  process->Kill();
  EXPECT_EQ(process->WaitForEnd().exit_code, 5);
  EXPECT_FALSE(process->WaitForEnd().escalated);
}

TEST_P(SidecarProcessTest, ManyStubbornOnesStopInOneGrace) {
  constexpr int kCount = 64;
  constexpr milliseconds kGrace{1'000};
  std::vector<std::shared_ptr<SidecarProcess>> processes;
  for (int i = 0; i < kCount; ++i) {
    processes.push_back(Run("trap '' TERM; echo up; while :; do sleep 60 & wait; done"));
    ASSERT_TRUE(LineOf(*processes.back()));
  }
  for (const auto& process : processes) process->Terminate(kGrace);
  for (const auto& process : processes) {
    const StopReport end = process->WaitForEnd();
    EXPECT_EQ(end.signal, SIGKILL);
    EXPECT_GE(end.took, kGrace);
    EXPECT_LT(end.took, 4 * kGrace);  // one after the other would take 64 * kGrace
  }
}

long AnonymousKib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssAnon:")) return std::stol(line.substr(8));
  }
  return 0;
}

TEST_P(SidecarProcessTest, AFloodOfAGibibyteOnBothStreamsCostsNoMemory) {
  const long before = AnonymousKib();
  auto launched = LaunchShell(loop_.get(), GetParam(),
                              "echo up; head -c 1073741824 /dev/zero & "
                              "head -c 1073741824 /dev/zero >&2; wait; echo end >&2");
  ASSERT_TRUE(launched) << launched.error().message;
  const auto process = SidecarProcess::Adopt(loop_.get(), std::move(*launched), {});
  ASSERT_TRUE(LineOf(*process));
  EXPECT_EQ(process->WaitForEnd().exit_code, 0);
  EXPECT_TRUE(process->StderrTail().ends_with("end\n"));
  EXPECT_LT(AnonymousKib(), before + 8 * 1024);
}

INSTANTIATE_TEST_SUITE_P(, SidecarProcessTest, EveryLevel(),
                         [](const auto& level) { return LevelName(level.param); });

}  // namespace
}  // namespace zlayer::sidecar
