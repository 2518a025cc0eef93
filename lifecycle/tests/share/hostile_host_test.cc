// Host processes whose settings make it hard to watch a child. Each test runs its host in a forked
// process, because such settings (SIGCHLD, seccomp, signal mask) hold for a whole process.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <functional>
#include <thread>

#include "lifecycle/src/supervise/sidecar_process.h"
#include "lifecycle/tests/base/temporary_directory.h"
#include "lifecycle/tests/share/witness.h"
#include "lifecycle/tests/spawn/shell_launch.h"

namespace zlayer::sidecar {
namespace {

constexpr std::chrono::seconds kPatience{20};

/// Runs `host` in a forked child and returns its result; -1 if the child died by a signal.
int InAHost(const std::function<int()>& host) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(host());
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// Starts a program that exits with status 7 once it is watched. Returns the exit status that the
/// library reports: 7, or 100 if it reports none. 101: the launch failed; 102: there is no FIFO.
int StatusSeen(Containment containment, const std::string& keeper_path = "") {
  const TemporaryDirectory directory;
  const std::string gate = directory / "gate";
  if (::mkfifo(gate.c_str(), 0600) != 0) return 102;
  const auto loop = EventLoop::Shared().value();
  auto launched =
      LaunchShell(loop.get(), containment, "echo up; : <" + gate + "; exit 7", keeper_path);
  if (!launched) return 101;
  const auto process = SidecarProcess::Adopt(loop.get(), std::move(*launched), {});
  const UniqueFd open(::open(gate.c_str(), O_WRONLY));  // returns once the program reads the FIFO
  return process->WaitForEnd().exit_code.value_or(100);
}

TEST(HostileHostTest, WhereSigchldIsIgnoredOnlyTheKeeperKnowsTheStatus) {
  const auto ignoring = [](Containment containment) {
    return InAHost([containment] {
      ::signal(SIGCHLD, SIG_IGN);
      return StatusSeen(containment);
    });
  };
  EXPECT_EQ(ignoring(Containment::keeper), 7);
  EXPECT_EQ(ignoring(Containment::group), 100);
}

TEST(HostileHostTest, WhereEveryChildIsReapedOnlyTheKeeperIsSureToKnowTheStatus) {
  const auto reaping_all = [](Containment containment) {
    return InAHost([containment] {
      const std::jthread reaper([](const std::stop_token& stop) {
        while (!stop.stop_requested()) ::waitpid(-1, nullptr, WNOHANG);
      });
      return StatusSeen(containment);
    });
  };
  EXPECT_EQ(reaping_all(Containment::keeper), 7);
  const int seen = reaping_all(Containment::group);
  EXPECT_TRUE(seen == 7 || seen == 100) << seen;
}

/// Installs a seccomp filter that refuses clone(2) with CLONE_PIDFD, as a filter written before
/// that flag existed may do. Returns false if the filter cannot be installed.
bool RefusePidfdOfClone() {
  std::array<sock_filter, 6> program{{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[0])),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_PIDFD, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog filter{program.size(), program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

TEST(HostileHostTest, WhereCloneIsRefusedPosixSpawnDoes) {
  for (const Containment containment : {Containment::group, Containment::keeper}) {
    EXPECT_EQ(InAHost([&] { return RefusePidfdOfClone() ? StatusSeen(containment) : 102; }), 7);
  }
}

TEST(HostileHostTest, AKeeperWithTheCLibraryDoesTheSame) {
  const auto seen = [] { return StatusSeen(Containment::keeper, ZLAYER_KEEPER_WITH_LIBC); };
  EXPECT_EQ(InAHost(seen), 7);
  EXPECT_EQ(InAHost([&] { return RefusePidfdOfClone() ? seen() : 102; }), 7);
}

TEST(HostileHostTest, AProgramWhoseKeeperCannotRunIsEndedAndReaped) {
  const TemporaryDirectory directory;
  const std::string keeper = directory.Write("keeper", "no program\n", 0755);
  EXPECT_EQ(InAHost([&keeper] {
              // An orphan of the keeper's process would become our child.
              ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
              const auto launched =
                  LaunchShell(nullptr, Containment::keeper, "exec sleep 60", keeper);
              if (launched || launched.error().kind != ErrorKind::spawn_failed) return 101;
              const int left = ::waitid(P_ALL, 0, nullptr, WEXITED | WNOHANG | WNOWAIT);
              return left == -1 && errno == ECHILD ? 0 : 102;
            }),
            0);
}

TEST(HostileHostTest, PosixSpawnTakesDescriptorsOfAnyNumber) {
  for (int first = 100; first < 300; ++first) {
    ASSERT_EQ(InAHost([first] {
                // Uses up the lower numbers, so that the next open gets `first`.
                while (::dup(0) < first - 1) {
                }
                return RefusePidfdOfClone() ? StatusSeen(Containment::keeper) : 102;
              }),
              7)
        << first;
  }
}

TEST(HostileHostTest, WhereAChildsDeathIsBlockedItIsSeenAllTheSame) {
  EXPECT_EQ(InAHost([] {
              sigset_t all;
              sigfillset(&all);
              ::sigprocmask(SIG_BLOCK, &all, nullptr);
              return StatusSeen(Containment::keeper);
            }),
            7);
}

TEST(HostileHostTest, AHostThatExitsWithoutStoppingLeavesNothing) {
  const Witness witness;
  EXPECT_EQ(InAHost([&witness] {
              const auto loop = EventLoop::Shared().value();
              auto launched = LaunchShell(
                  loop.get(), Containment::keeper,
                  "exec 9>" + witness.path() + "; setsid sleep 60 & echo up; exec sleep 60");
              if (!launched) return 101;
              const auto process = SidecarProcess::Adopt(loop.get(), std::move(*launched), {});
              const auto line = process->WaitForLine(kPatience, Clock::now() + kPatience, {});
              ::_exit(line ? 0 : 103);
            }),
            0);
  EXPECT_TRUE(witness.AllGoneWithin(kPatience));
}

}  // namespace
}  // namespace zlayer::sidecar
