#include "lifecycle/src/share/crash_loop.h"

#include <gtest/gtest.h>

#include "lifecycle/src/base/make_error.h"

namespace zlayer::sidecar {
namespace {

using std::chrono::milliseconds;

constexpr RestartLimits kLimits{2, milliseconds(100), milliseconds(350), milliseconds(1000)};
constexpr Deadline kStart{};

LifecycleError Cause(const std::string& message) {
  LifecycleError error = Fail(ErrorKind::exited_before_handshake, "{}", message).value();
  error.exit_code = 3;
  error.stderr_tail = "why";
  return error;
}

TEST(CrashLoopTest, TheFirstFailuresAreFree) {
  CrashLoop loop(kLimits);
  EXPECT_FALSE(loop.Refusal(kStart));
  loop.Failed(kStart, Cause("a"));
  loop.Failed(kStart, Cause("b"));
  EXPECT_FALSE(loop.Refusal(kStart));
}

TEST(CrashLoopTest, TheRefusalCarriesTheLastCauseAndTheTimeLeft) {
  CrashLoop loop(kLimits);
  for (const char* message : {"a", "b", "c"}) loop.Failed(kStart, Cause(message));
  const auto refusal = loop.Refusal(kStart + milliseconds(30));
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->kind, ErrorKind::crash_loop);
  EXPECT_EQ(refusal->message,
            "3 failures in a row; the next start is allowed in 70 ms; the last failure: c");
  EXPECT_EQ(refusal->exit_code, 3);
  EXPECT_EQ(refusal->stderr_tail, "why");
  EXPECT_EQ(refusal->retry_after, milliseconds(70));
  EXPECT_FALSE(loop.Refusal(kStart + milliseconds(100)));
}

TEST(CrashLoopTest, PausesDoubleUpToTheLongest) {
  CrashLoop loop(kLimits);
  loop.Failed(kStart, Cause(""));
  loop.Failed(kStart, Cause(""));
  for (const int pause : {100, 200, 350, 350}) {
    loop.Failed(kStart, Cause(""));
    EXPECT_EQ(loop.Refusal(kStart)->retry_after, milliseconds(pause));
  }
}

TEST(CrashLoopTest, OneThatWorkedSetsTheCountBack) {
  CrashLoop loop(kLimits);
  for (int i = 0; i < 5; ++i) loop.Failed(kStart, Cause(""));
  loop.Worked();
  EXPECT_FALSE(loop.Refusal(kStart));
  loop.Failed(kStart, Cause(""));
  EXPECT_FALSE(loop.Refusal(kStart));
}

}  // namespace
}  // namespace zlayer::sidecar
