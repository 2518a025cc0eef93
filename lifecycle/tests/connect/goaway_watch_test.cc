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
  EXPECT_FALSE(watch.FromServer(Frame(kSettings, 0) + Frame(kData, 70'000) + Frame(kSettings, 18)));
}

TEST(GoawayWatchTest, AGoawayIsSeenWhereverTheBytesAreCut) {
  const std::string bytes = Frame(kSettings, 6) + Frame(kData, 300) + Frame(kGoaway, 8);
  const size_t header_ends = bytes.size() - 8;
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    GoawayWatch watch;
    EXPECT_EQ(watch.FromServer(bytes.substr(0, cut)), cut >= header_ends) << cut;
    EXPECT_TRUE(watch.FromServer(bytes.substr(cut)) || cut == bytes.size()) << cut;
  }
}

constexpr char kHeaders = 1;
constexpr char kReset = 3;
constexpr char kContinuation = 9;
constexpr char kEndStream = 1;
constexpr char kEndHeaders = 4;

std::string Frame(char type, char flags, char stream, const std::string& payload) {
  return std::string{'\0', '\0',  static_cast<char>(payload.size()), type, flags, '\0', '\0',
                     '\0', stream} +
         payload;
}

/// GOAWAY of a server that processes the streams up to `last`.
std::string GoawayAfter(const std::string& last) {
  return Frame(kGoaway, 0, 0, last + std::string(4, '\0'));
}
constexpr char kAll[] = "\x7f\xff\xff\xff";

/// A watch whose client has opened the streams 1, 3 and 5.
GoawayWatch WithThreeStreams() {
  GoawayWatch watch;
  std::string sent = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(kSettings, 0, 0, "");
  for (const char stream : std::string("\1\3\5")) sent += Frame(kHeaders, kEndHeaders, stream, "h");
  watch.FromClient(sent);
  EXPECT_EQ(watch.open_streams(), 3u);
  return watch;
}

TEST(GoawayWatchTest, WithoutACallItIsDrainedOnceGoawayHasComeAsAWhole) {
  const std::string goaway = GoawayAfter(kAll);
  GoawayWatch watch;
  EXPECT_FALSE(watch.Drained());
  EXPECT_TRUE(watch.FromServer(goaway.substr(0, goaway.size() - 1)));
  EXPECT_FALSE(watch.Drained());
  watch.FromServer(goaway.substr(goaway.size() - 1));
  EXPECT_TRUE(watch.Drained());
}

TEST(GoawayWatchTest, EitherSideEndsACall) {
  GoawayWatch watch = WithThreeStreams();
  watch.FromServer(GoawayAfter(kAll));
  watch.FromServer(Frame(kHeaders, kEndHeaders, 1, "h") + Frame(kData, kEndStream, 1, "d"));
  EXPECT_EQ(watch.open_streams(), 2u);
  watch.FromClient(Frame(kReset, 0, 3, "code"));
  EXPECT_EQ(watch.open_streams(), 1u);
  EXPECT_FALSE(watch.Drained());
  watch.FromServer(Frame(kReset, 0, 5, "code"));
  EXPECT_TRUE(watch.Drained());
}

TEST(GoawayWatchTest, TrailersEndACallWithTheirLastByte) {
  GoawayWatch watch = WithThreeStreams();
  watch.FromServer(GoawayAfter(std::string("\0\0\0\1", 4)));  // 3 and 5 were not processed
  EXPECT_EQ(watch.open_streams(), 1u);
  watch.FromServer(Frame(kHeaders, kEndStream, 1, "part"));
  EXPECT_FALSE(watch.Drained());
  const std::string rest = Frame(kContinuation, kEndHeaders, 1, "part");
  watch.FromServer(rest.substr(0, rest.size() - 1));
  EXPECT_FALSE(watch.Drained());
  watch.FromServer(rest.substr(rest.size() - 1));
  EXPECT_TRUE(watch.Drained());
}

TEST(GoawayWatchTest, ItStaysSeen) {
  GoawayWatch watch;
  EXPECT_TRUE(watch.FromServer(Frame(kGoaway, 8)));
  EXPECT_TRUE(watch.FromServer(""));
}

}  // namespace
}  // namespace zlayer::sidecar
