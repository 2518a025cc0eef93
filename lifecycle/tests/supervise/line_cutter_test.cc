#include "lifecycle/src/supervise/line_cutter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace zlayer::sidecar {
namespace {

using ::testing::ElementsAre;

TEST(LineCutterTest, JoinsPiecesAndKeepsEmptyLines) {
  std::vector<std::string> lines;
  LineCutter cutter([&lines](std::string_view line) { lines.emplace_back(line); });
  cutter.Append("fir");
  cutter.Append("st\n\nthi");
  cutter.Append("rd\nrest");
  EXPECT_THAT(lines, ElementsAre("first", "", "third"));
}

TEST(LineCutterTest, ALongLineComesInPieces) {
  std::vector<size_t> sizes;
  LineCutter cutter([&sizes](std::string_view line) { sizes.push_back(line.size()); });
  cutter.Append(std::string(2 * LineCutter::kLimit + 5, 'x') + "\n");
  EXPECT_THAT(sizes, ElementsAre(LineCutter::kLimit, LineCutter::kLimit, 5));
}

TEST(LineCutterTest, AfterBytesThatWereLeftOutTheNextLineIsWhole) {
  std::vector<std::string> lines;
  LineCutter cutter([&lines](std::string_view line) { lines.emplace_back(line); });
  cutter.Append("first\nbefore the gap");
  cutter.Skip();
  cutter.Skip();
  cutter.Append("end of a line without a begin");
  cutter.Append(", still it\nwhole\n");
  EXPECT_THAT(lines, ElementsAre("first", "before the gap", "whole"));
}

}  // namespace
}  // namespace zlayer::sidecar
