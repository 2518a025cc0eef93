#include "scenarios/runner/judge/aftermath.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "scenarios/runner/process/child_process.h"
#include "scenarios/runner/process/token_processes.h"

namespace zlayer::scenarios {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::chrono::seconds kLong{20};

/// Starts `command` with `token` in the background. Its parent has ended when this returns.
void LeaveOrphan(const std::string& token, const std::string& command) {
  auto shell =
      ChildProcess::Start({"/bin/sh", "-c", command + " >/dev/null & exit 0"},
                          {{std::string(kTokenVariable), token}, {"PATH", "/usr/bin:/bin"}});
  ASSERT_TRUE(shell) << shell.error();
  ASSERT_EQ(shell->Wait(Deadline(kLong)), 0);
}

TEST(AftermathTest, NothingLeftIsNoViolation) {
  EXPECT_THAT(JudgeAftermath(NewToken(), Footprint::OfThisProcess()), IsEmpty());
}

TEST(AftermathTest, AnOrphanIsFoundByItsTokenNamedAndKilled) {
  const std::string token = NewToken();
  const Footprint before = Footprint::OfThisProcess();
  LeaveOrphan(token, "sleep 60");
  const auto violations = JudgeAftermath(token, before);
  ASSERT_THAT(violations, SizeIs(1));
  EXPECT_EQ(violations[0].verdict, Verdict::aftermath);
  EXPECT_THAT(violations[0].seen, HasSubstr("sleep 60"));
  EXPECT_THAT(FindByToken(token), IsEmpty());
}

TEST(AftermathTest, ASessionOfItsOwnDoesNotHideAProcess) {
  const std::string token = NewToken();
  const Footprint before = Footprint::OfThisProcess();
  LeaveOrphan(token, "setsid sleep 60");
  EXPECT_THAT(JudgeAftermath(token, before), SizeIs(1));
  EXPECT_THAT(FindByToken(token), IsEmpty());
}

TEST(AftermathTest, AnotherRunsProcessIsLeftAlone) {
  const std::string token = NewToken();
  const std::string other = NewToken();
  LeaveOrphan(other, "sleep 60");
  EXPECT_THAT(JudgeAftermath(token, Footprint::OfThisProcess()), IsEmpty());
  const auto untouched = FindByToken(other);
  EXPECT_THAT(untouched, SizeIs(1));
  KillAll(untouched);
  EXPECT_THAT(FindByToken(other), IsEmpty());
}

TEST(AftermathTest, ATokenIsAWholeValue) {
  const std::string token = NewToken();
  LeaveOrphan(token + "0", "sleep 60");
  EXPECT_THAT(FindByToken(token), IsEmpty());
  KillAll(FindByToken(token + "0"));
}

TEST(AftermathTest, WhatEndsWithinTheBoundIsNoViolation) {
  const std::string token = NewToken();
  const Footprint before = Footprint::OfThisProcess();
  LeaveOrphan(token, "sleep 0.02");
  EXPECT_THAT(JudgeAftermath(token, before), IsEmpty());
}

TEST(AftermathTest, AZombieIsNamed) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) _exit(0);
  siginfo_t ended{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT), 0);
  const auto violations = JudgeAftermath(NewToken(), Footprint::OfThisProcess());
  ASSERT_THAT(violations, SizeIs(1));
  EXPECT_EQ(violations[0].expected, "no zombie");
  EXPECT_THAT(violations[0].seen, HasSubstr(std::to_string(child)));
  EXPECT_EQ(waitpid(child, nullptr, 0), child);
}

TEST(AftermathTest, AnOpenPipeIsNamed) {
  const Footprint before = Footprint::OfThisProcess();
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd reader(ends[0]);
  const UniqueFd writer(ends[1]);
  const auto violations = JudgeAftermath(NewToken(), before);
  ASSERT_THAT(violations, SizeIs(1));
  EXPECT_EQ(violations[0].expected, "nothing left open");
  EXPECT_THAT(violations[0].seen, HasSubstr("pipe:"));
}

}  // namespace
}  // namespace zlayer::scenarios
