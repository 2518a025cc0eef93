// SidecarProcess against real processes: small shell scripts.

#include "sidecar_process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>

#include "temporary_directory.h"

namespace zlayer::sidecar {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

/// Longer than anything takes that works.
constexpr milliseconds kPatience{20'000};

class SidecarProcessTest : public testing::Test {
 protected:
  std::shared_ptr<SidecarProcess> Run(const std::string& script) {
    auto child = SpawnChild({"/bin/sh", {"-c", script}, {"PATH=/usr/bin:/bin"}});
    EXPECT_TRUE(child) << child.error().message;
    return SidecarProcess::Adopt(loop_.get(), std::move(*child),
                                 [this](std::string_view line) { lines_.emplace_back(line); });
  }

  static Result<std::string> LineOf(SidecarProcess& process, milliseconds limit = kPatience) {
    return process.WaitForLine(limit, Clock::now() + limit, {});
  }

  std::vector<std::string> lines_;  // the loop's thread writes, read after the end
  std::shared_ptr<EventLoop> loop_ = EventLoop::Shared();
};

/// The process may be anybody's child: waits for its end by pidfd.
bool EndsWithin(int pid, milliseconds limit) {
  const UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!pidfd) return true;
  pollfd end{pidfd.get(), POLLIN, 0};
  return ::poll(&end, 1, static_cast<int>(limit.count())) == 1;
}

TEST_F(SidecarProcessTest, TheFirstLineIsHandedOverAndTheRestIsDrained) {
  const auto process = Run("echo first; head -c 300000 /dev/zero; echo end >&2");
  EXPECT_EQ(LineOf(*process).value(), "first");
  EXPECT_EQ(process->WaitForEnd().exit_code, 0);
  EXPECT_EQ(process->StderrTail(), "end\n");
}

TEST_F(SidecarProcessTest, AnExitBeforeTheLineNamesStatusAndStderr) {
  const auto process = Run("printf LIST; echo 'no space left' >&2; exit 3");
  const auto line = LineOf(*process);
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().kind, ErrorKind::exited_before_handshake);
  EXPECT_EQ(line.error().exit_code, 3);
  EXPECT_EQ(line.error().message,
            "the sidecar exited with status 3 before its handshake line; its stdout: \"LIST\"; its "
            "stderr ends: \"no space left\"");
}

TEST_F(SidecarProcessTest, ADeathBySignalNamesIt) {
  const auto process = Run("kill -ABRT $$");
  const auto line = LineOf(*process);
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().signal, SIGABRT);
  EXPECT_THAT(line.error().message, HasSubstr("was killed by signal 6 (Aborted)"));
}

TEST_F(SidecarProcessTest, AClosedStdoutOfALivingProcessIsNoExit) {
  const auto process = Run("exec sleep 60 >&-");
  const auto line = LineOf(*process);
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().kind, ErrorKind::handshake_io);
  process->Kill();
  EXPECT_EQ(process->WaitForEnd().signal, SIGKILL);
}

TEST_F(SidecarProcessTest, NoLineInTimeNamesTheLimitAndWhatCame) {
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

TEST_F(SidecarProcessTest, AStopTokenEndsTheWait) {
  const auto process = Run("exec sleep 60");
  std::stop_source stop;
  std::jthread canceller([&stop] { stop.request_stop(); });
  const auto line = process->WaitForLine(kPatience, Clock::now() + kPatience, stop.get_token());
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().kind, ErrorKind::cancelled);
  process->Kill();
  process->WaitForEnd();
}

TEST_F(SidecarProcessTest, AFullStderrBlocksNobody) {
  const auto process = Run("head -c 1000000 /dev/zero | tr '\\0' x >&2; echo done");
  EXPECT_EQ(LineOf(*process).value(), "done");
  process->WaitForEnd();
  EXPECT_EQ(process->StderrTail(), std::string(TailBuffer::kLimit, 'x'));
}

TEST_F(SidecarProcessTest, StderrLinesReachTheCallback) {
  const auto process = Run("echo one >&2; echo two >&2");
  process->WaitForEnd();
  EXPECT_THAT(lines_, testing::ElementsAre("one", "two"));
}

TEST_F(SidecarProcessTest, SigtermIsEnoughForACooperativeProcess) {
  const auto process = Run("trap 'exit 7' TERM; echo up; while :; do sleep 60 & wait; done");
  ASSERT_TRUE(LineOf(*process));
  process->Terminate(kPatience);
  const StopReport end = process->WaitForEnd();
  EXPECT_EQ(end.exit_code, 7);
  EXPECT_FALSE(end.escalated);
  EXPECT_LT(end.took, kPatience);
}

TEST_F(SidecarProcessTest, AStoppedProcessTakesSigtermToo) {
  const auto process = Run("echo up; kill -STOP $$; sleep 60");
  ASSERT_TRUE(LineOf(*process));
  process->Terminate(kPatience);
  EXPECT_EQ(process->WaitForEnd().signal, SIGTERM);
}

TEST_F(SidecarProcessTest, SigkillComesAfterTheGrace) {
  const auto process = Run("trap '' TERM; echo up; while :; do sleep 60 & wait; done");
  ASSERT_TRUE(LineOf(*process));
  process->Terminate(milliseconds(200));
  const StopReport end = process->WaitForEnd();
  EXPECT_EQ(end.signal, SIGKILL);
  EXPECT_TRUE(end.escalated);
  EXPECT_GE(end.took, milliseconds(200));
}

TEST_F(SidecarProcessTest, ChildrenLeftBehindGoWithTheirLeader) {
  const auto process = Run("sleep 60 & echo $!");
  const int child = std::stoi(LineOf(*process).value());
  EXPECT_EQ(process->WaitForEnd().exit_code, 0);
  EXPECT_TRUE(EndsWithin(child, kPatience));
}

TEST_F(SidecarProcessTest, EndsCanBeAskedForAgainAndAgain) {
  const auto process = Run("exit 5");
  EXPECT_EQ(process->WaitForEnd().exit_code, 5);
  process->Terminate(milliseconds(0));
  process->Kill();
  EXPECT_EQ(process->WaitForEnd().exit_code, 5);
  EXPECT_FALSE(process->WaitForEnd().escalated);
}

TEST_F(SidecarProcessTest, TheLastUserOfTheLoopWaitsForTheEnd) {
  int pid = 0;
  {
    const auto process = Run("exec sleep 60");
    pid = process->pid();
    process->Terminate(kPatience);
  }
  loop_.reset();
  EXPECT_EQ(::kill(pid, 0), -1);
  EXPECT_EQ(errno, ESRCH);
}

/// All that the child writes to stdout until it ends.
std::string OutputOf(SpawnedChild child) {
  std::string output;
  ::fcntl(child.stdout_pipe.get(), F_SETFL, 0);  // blocking
  char chunk[4096];
  for (ssize_t got; (got = ::read(child.stdout_pipe.get(), chunk, sizeof chunk)) > 0;) {
    output.append(chunk, static_cast<size_t>(got));
  }
  const auto loop = EventLoop::Shared();
  SidecarProcess::Adopt(loop.get(), std::move(child), {})->WaitForEnd();
  return output;
}

/// The signals of a line such as "SigIgn:\t0000000180000000" of /proc/<pid>/status. 32 and 33 are
/// glibc's own and cannot be named by a program; posix_spawn leaves them ignored.
std::uint64_t SignalSet(const std::string& status, const std::string& name) {
  const size_t line = status.find("\n" + name + ":\t");
  if (line == status.npos) throw std::runtime_error("no " + name);
  constexpr std::uint64_t kOfGlibc = std::uint64_t{3} << 31;
  return std::stoull(status.substr(line + name.size() + 3), nullptr, 16) & ~kOfGlibc;
}

TEST(SpawnChildTest, TheChildHasNoSignalBlockedOrIgnored) {
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto old_handler = ::signal(SIGPIPE, SIG_IGN);
  auto child = SpawnChild({"/bin/cat", {"/proc/self/status"}, {}});
  ::signal(SIGPIPE, old_handler);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ASSERT_TRUE(child) << child.error().message;
  const std::string status = OutputOf(std::move(*child));
  EXPECT_EQ(SignalSet(status, "SigBlk"), 0u);
  EXPECT_EQ(SignalSet(status, "SigIgn"), 0u);
}

TEST(SpawnChildTest, TheChildHasThreeDescriptorsAndAGroupOfItsOwn) {
  const UniqueFd leak(::dup(1));  // not close-on-exec
  auto child =
      SpawnChild({"/bin/sh",
                  {"-c", "ls /proc/self/fd; ps -o pgid= -p $$ | tr -d ' '; read x; echo $?"},
                  {"PATH=/usr/bin:/bin"}});
  ASSERT_TRUE(child) << child.error().message;
  const std::string pid = std::to_string(child->pid);
  // ls has the directory open as a fourth descriptor; reading the empty stdin fails.
  EXPECT_EQ(OutputOf(std::move(*child)), "0\n1\n2\n3\n" + pid + "\n1\n");
}

TEST(SpawnChildTest, WhatCannotBeStartedIsNamedWithItsReason) {
  const TemporaryDirectory directory;
  const std::string text = directory.Write("text", "no program\n", 0755);
  const auto wrong_format = SpawnChild({text, {}, {}});
  ASSERT_FALSE(wrong_format);
  EXPECT_EQ(wrong_format.error().kind, ErrorKind::spawn_failed);
  EXPECT_EQ(wrong_format.error().message,
            "cannot start " + text + ": Exec format error (not a program for this machine)");
  const std::string script = directory.Write("script", "#!/nonexistent/interpreter\n", 0755);
  const auto no_interpreter = SpawnChild({script, {}, {}});
  ASSERT_FALSE(no_interpreter);
  EXPECT_THAT(no_interpreter.error().message,
              HasSubstr(script + ": No such file or directory (its #! interpreter"));
}

}  // namespace
}  // namespace zlayer::sidecar
