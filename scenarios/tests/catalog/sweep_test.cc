#include "scenarios/runner/catalog/sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zlayer::scenarios {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> Places(const std::string& text) {
  std::vector<std::string> places;
  const auto files = ExpandSweep("s/n", text);
  EXPECT_TRUE(files) << files.error();
  for (const SweptFile& file : files.value_or(std::vector<SweptFile>{})) {
    places.push_back(file.place);
  }
  return places;
}

TEST(SweepTest, AFileWithoutOneIsItself) {
  const auto files = ExpandSweep("s/n", "name: \"s/n\" # sweep at: 1");
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 1u);
  EXPECT_EQ(files->front().place, "s/n");
  EXPECT_EQ(files->front().text, "name: \"s/n\" # sweep at: 1");
}

TEST(SweepTest, EachValueStandsForItsName) {
  const auto files = ExpandSweep("s/n", "# sweep at: 9..10\nname: \"s/n-$at\" size: $at");
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 2u);
  EXPECT_EQ(files->back().place, "s/n-10");
  EXPECT_EQ(files->back().text, "\nname: \"s/n-10\" size: 10");  // line numbers stay
}

TEST(SweepTest, ValuesAreWordsAndRanges) {
  EXPECT_THAT(Places("# sweep x: 1..3 65535 7\n"),
              ElementsAre("s/n-1", "s/n-2", "s/n-3", "s/n-65535", "s/n-7"));
}

TEST(SweepTest, BadOnesSayWhatToWrite) {
  const auto error = [](const std::string& text) {
    const auto files = ExpandSweep("s/n", text);
    return files ? "" : files.error();
  };
  EXPECT_THAT(error("# sweep at 1..3\n"), HasSubstr("write \"# sweep name: values\""));
  EXPECT_THAT(error("# sweep at:\n"), HasSubstr("no values"));
  EXPECT_THAT(error("# sweep at: 3..1\n"), HasSubstr("\"3..1\" is no value"));
  EXPECT_THAT(error("# sweep at: 1..5000\n"), HasSubstr("is no value"));
  EXPECT_THAT(error("# sweep at: a\n"), HasSubstr("\"a\" is no value"));
}

}  // namespace
}  // namespace zlayer::scenarios
