#include "lifecycle/src/connect/goaway_watch.h"

#include <gtest/gtest.h>

#include <string>

namespace zlayer::sidecar {
namespace {

std::string Frame(char type, size_t size) {
  std::string frame{static_cast<char>(size >> 16),
                    static_cast<char>(size >> 8 & 0xff),
                    static_cast<char>(size & 0xff),
                    type,
                    0,
                    0,
                    0,
                    0,
                    1};
  // A payload that looks like a GOAWAY's header, over and over.
  return frame + std::string(size, '\7');
}

constexpr char kData = 0;
constexpr char kSettings = 4;
constexpr char kGoaway = 7;

TEST(GoawayWatchTest, OtherFramesAreNone) {
  GoawayWatch watch;
  EXPECT_FALSE(watch.Feed(Frame(kSettings, 0) + Frame(kData, 70'000) + Frame(kSettings, 18)));
}

TEST(GoawayWatchTest, AGoawayIsSeenWhereverTheBytesAreCut) {
  const std::string bytes = Frame(kSettings, 6) + Frame(kData, 300) + Frame(kGoaway, 8);
  const size_t header_ends = bytes.size() - 8;
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    GoawayWatch watch;
    EXPECT_EQ(watch.Feed(bytes.substr(0, cut)), cut >= header_ends) << cut;
    EXPECT_TRUE(watch.Feed(bytes.substr(cut)) || cut == bytes.size()) << cut;
  }
}

TEST(GoawayWatchTest, ItStaysSeen) {
  GoawayWatch watch;
  EXPECT_TRUE(watch.Feed(Frame(kGoaway, 8)));
  EXPECT_TRUE(watch.Feed(""));
}

}  // namespace
}  // namespace zlayer::sidecar
