#include "lifecycle/src/base/deadline.h"

#include <gtest/gtest.h>

namespace zlayer::sidecar {
namespace {

using std::chrono::milliseconds;

TEST(DeadlineTest, TheGreatestDurationMeansNever) {
  EXPECT_EQ(DeadlineIn(milliseconds::max()), kNever);
  EXPECT_EQ(DeadlineIn(std::chrono::hours::max()), kNever);
  EXPECT_EQ(DeadlineIn(std::chrono::nanoseconds::max()), kNever);
  EXPECT_EQ(DeadlineIn(milliseconds::max() / 2), kNever);
  EXPECT_EQ(DeadlineIn(milliseconds::max(), Deadline::min()), kNever);
}

TEST(DeadlineTest, AShorterLimitIsExact) {
  constexpr Deadline begin{};
  EXPECT_EQ(DeadlineIn(milliseconds(7), begin) - begin, milliseconds(7));
  EXPECT_EQ(DeadlineIn(std::chrono::hours(24 * 365 * 100), begin) - begin,
            std::chrono::hours(24 * 365 * 100));
  EXPECT_EQ(DeadlineIn(milliseconds(0), begin), begin);
  EXPECT_EQ(DeadlineIn(milliseconds::min(), begin), begin);
}

TEST(DeadlineTest, AWaitForNeverIsLong) {
  EXPECT_EQ(MillisecondsUntil(kNever), 1'000'000'000);
  EXPECT_EQ(MillisecondsUntil(Deadline::min()), 0);
}

}  // namespace
}  // namespace zlayer::sidecar
