// A launch whose keeper is missing, is another program, has another version, or is slow to start.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <filesystem>
#include <thread>

#include "lifecycle/src/spawn/find_keeper.h"
#include "lifecycle/src/spawn/keeper_link.h"
#include "lifecycle/tests/base/temporary_directory.h"
#include "lifecycle/tests/share/witness.h"
#include "lifecycle/tests/spawn/held_exec.h"
#include "lifecycle/tests/spawn/shell_launch.h"

namespace zlayer::sidecar {
namespace {

using ::testing::HasSubstr;

Result<std::unique_ptr<Launch>> BeginShell(const std::string& script, const std::string& keeper) {
  return Launch::Begin({"/bin/sh", {"-c", script}, SmallEnvironment(), Containment::keeper, keeper},
                       LongLimits(), nullptr);
}

TEST(KeeperLaunchTest, AMissingKeeperIsNamedWithEveryPlace) {
  const auto launch = BeginShell("", "/nonexistent/k");
  ASSERT_FALSE(launch);
  EXPECT_EQ(launch.error().kind, ErrorKind::spawn_failed);
  EXPECT_THAT(launch.error().message, HasSubstr("tried: /nonexistent/k; set"));
}

TEST(KeeperLaunchTest, AKeeperThatIsNoneIsAnErrorAndNotAHang) {
  const auto launch = BeginShell("", "/bin/true");
  ASSERT_TRUE(launch) << launch.error().message;
  const auto launched = (*launch)->Await();
  ASSERT_FALSE(launched);
  EXPECT_EQ(launched.error().kind, ErrorKind::spawn_failed);
  EXPECT_THAT(launched.error().message,
              HasSubstr("cannot start /bin/sh: its keeper /bin/true ended without a report"));
}

TEST(KeeperLaunchTest, AKeeperThatIsKilledIsNamedWithTheSignal) {
  const TemporaryDirectory directory;
  const std::string keeper = directory.Write("keeper", "#!/bin/sh\nkill -KILL $$\n", 0755);
  const auto launch = BeginShell("", keeper);
  ASSERT_TRUE(launch) << launch.error().message;
  const auto launched = (*launch)->Await();
  ASSERT_FALSE(launched);
  EXPECT_EQ(launched.error().kind, ErrorKind::spawn_failed);
  EXPECT_EQ(launched.error().message,
            "cannot start /bin/sh: its keeper " + keeper + " was killed by signal 9 (Killed)");
}

TEST(KeeperLaunchTest, AStoppedKeeperEndsWithTheCancel) {
  const TemporaryDirectory directory;
  const std::string keeper =
      directory.Write("keeper", "#!/bin/sh\nwhile :; do kill -STOP $$; done\n", 0755);
  std::stop_source stop;
  auto launch = Launch::Begin({"/bin/sh", {}, SmallEnvironment(), Containment::keeper, keeper},
                              {stop.get_token(), LongLimits().deadline}, nullptr);
  ASSERT_TRUE(launch) << launch.error().message;
  stop.request_stop();
  const auto launched = (*launch)->Await();
  ASSERT_FALSE(launched);
  EXPECT_EQ(launched.error().kind, ErrorKind::cancelled);
  launch->reset();  // does not hang
}

TEST(KeeperLaunchTest, TheKeepersNameCarriesTheVersionOfItsProtocol) {
  const auto keeper = FindKeeper("");
  ASSERT_TRUE(keeper) << keeper.error().message;
  EXPECT_EQ(std::filesystem::path(*keeper).filename(),
            std::string(kKeeperNameBegin) + kKeeperVersion);
}

TEST(KeeperLaunchTest, AKeeperOfAnotherVersionIsToldApartAndLeavesNothing) {
  const TemporaryDirectory directory;
  const Witness witness;
  const std::string up = directory / "up";
  ASSERT_EQ(::mkfifo(up.c_str(), 0600), 0);
  // The real keeper, called with a wrong version. It is called when the sidecar has a child in
  // another session, unless there is no sidecar yet ($3 is 0).
  const std::string keeper = directory.Write(
      "keeper",
      "#!/bin/sh\nif [ $3 != 0 ]; then : <" + up + "; fi\nexec " + *FindKeeper("") + " 0 $2 $3\n",
      0755);
  const auto launch = BeginShell(
      "exec 9>" + witness.path() + "; setsid sleep 100 & : >" + up + "; exec sleep 100", keeper);
  ASSERT_TRUE(launch) << launch.error().message;
  const auto launched = (*launch)->Await();
  ASSERT_FALSE(launched);
  EXPECT_EQ(launched.error().kind, ErrorKind::spawn_failed);
  EXPECT_EQ(launched.error().message,
            "cannot start /bin/sh: its keeper " + keeper +
                " belongs to another version of this library, which needs version 3 of the keeper");
#ifndef ZLAYER_THREAD_SANITIZER  // posix_spawn, used instead of clone, starts the keeper first
  EXPECT_TRUE(witness.AllGoneWithin(std::chrono::seconds(20)));
#endif
}

#ifndef ZLAYER_THREAD_SANITIZER  // posix_spawn, used instead of clone, starts the keeper first
TEST(KeeperLaunchTest, WhatIsStartedBeforeTheKeeperIsOnGuardIsHeldAllTheSame) {
  const TemporaryDirectory directory;
  const std::string keeper = directory / "keeper";
  std::filesystem::copy_file(*FindKeeper(""), keeper);
  HeldExec hold(keeper);
  ASSERT_EQ(hold.error(), 0);
  const Witness witness;
  const std::string orphaned = directory / "orphaned";
  ASSERT_EQ(::mkfifo(orphaned.c_str(), 0600), 0);
  const std::jthread release([&] {
    const bool exec_waits = hold.AwaitExec();
    EXPECT_TRUE(exec_waits);
    // The sidecar opens `orphaned` after the sleep's parent has ended. So the sleep is an orphan
    // while the keeper's exec still waits.
    if (exec_waits) const UniqueFd open(::open(orphaned.c_str(), O_RDONLY | O_CLOEXEC));
    hold.Release();
  });
  auto launch = BeginShell(
      "exec 9>" + witness.path() + "; (setsid sleep 100 &); : >" + orphaned + "; exec sleep 100",
      keeper);
  ASSERT_TRUE(launch) << launch.error().message;
  launch->reset();
  EXPECT_TRUE(witness.AllGoneWithin(std::chrono::seconds(20)));
}
#endif

TEST(KeeperProtocolTest, AReportIsReceivedThoughAnOrderWasNotRead) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
  const UniqueFd host(ends[0]);
  UniqueFd keeper(ends[1]);
  const ToKeeper order{SIGTERM};
  ASSERT_EQ(::send(host.get(), &order, sizeof order, 0), static_cast<ssize_t>(sizeof order));
  const FromKeeper sent{FromKeeper::ended, 7, CLD_EXITED};
  ASSERT_EQ(::send(keeper.get(), &sent, sizeof sent, 0), static_cast<ssize_t>(sizeof sent));
  keeper.reset();
  FromKeeper report{};
  ASSERT_TRUE(Receive(host.get(), &report));
  EXPECT_EQ(report.value, 7);
}

}  // namespace
}  // namespace zlayer::sidecar
