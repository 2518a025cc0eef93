#include "scenarios/runner/report/timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/runner/report/utf8.h"

namespace zlayer::scenarios {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(TimelineTest, IsInTheOrderOfTime) {
  const auto begin = std::chrono::steady_clock::now();
  Timeline timeline;
  timeline.Add("pid 7", "second", begin + std::chrono::microseconds(1500));
  timeline.Add("client", "first", begin);
  EXPECT_THAT(timeline.Lines(), ElementsAre("  +0.0 ms  client    first",  //
                                            "  +1.5 ms  pid 7     second"));
}

TEST(TimelineTest, AFloodIsCutShort) {
  Timeline timeline;
  for (size_t i = 0; i < 2 * Timeline::kMostEntries; ++i) timeline.Add("client", "x");
  EXPECT_THAT(timeline.Lines(), SizeIs(Timeline::kMostEntries));
}

TEST(ValidUtf8Test, KeepsTextAndReplacesTheRestByteByByte) {
  EXPECT_EQ(ValidUtf8("a\u00e9\u20ac\U0001f600\n"), "a\u00e9\u20ac\U0001f600\n");
  EXPECT_EQ(ValidUtf8("a\xff z"), "a\ufffd z");
  EXPECT_EQ(ValidUtf8("\xc3"), "\ufffd");                      // cut off
  EXPECT_EQ(ValidUtf8("\xc0\xaf"), "\ufffd\ufffd");            // overlong
  EXPECT_EQ(ValidUtf8("\xed\xa0\x80"), "\ufffd\ufffd\ufffd");  // a surrogate
  EXPECT_EQ(ValidUtf8("\xf4\x90\x80\x80").size(), 4 * 3u);     // above U+10FFFF
}

}  // namespace
}  // namespace zlayer::scenarios
