#include "lifecycle/src/supervise/handshake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zlayer::sidecar {
namespace {

using ::testing::HasSubstr;

TEST(HandshakeTest, TakesTheLineWithOrWithoutCarriageReturn) {
  EXPECT_EQ(ParseHandshake("LISTENING 127.0.0.1:4711").value().port, 4711);
  EXPECT_EQ(ParseHandshake("LISTENING 127.0.0.1:4711\r").value().port, 4711);
  EXPECT_EQ(ParseHandshake("LISTENING [::1]:4711").value().host, "::1");
}

TEST(HandshakeTest, AnythingElseIsMalformedAndShown) {
  for (const char* line : {"", "LISTENING", "listening 127.0.0.1:1", " LISTENING 127.0.0.1:1",
                           "LISTEN 127.0.0.1:1", "\xef\xbb\xbfLISTENING 127.0.0.1:1"}) {
    const auto address = ParseHandshake(line);
    ASSERT_FALSE(address) << line;
    EXPECT_EQ(address.error().kind, ErrorKind::handshake_malformed) << line;
  }
  EXPECT_THAT(ParseHandshake("\x1b[32mLISTENING 127.0.0.1:1").error().message,
              HasSubstr("\"\\x1b[32mLISTENING 127.0.0.1:1\""));
}

TEST(HandshakeTest, BadAddressIsToldApartFromABadLine) {
  for (const char* line : {"LISTENING 127.0.0.1", "LISTENING 127.0.0.1:0", "LISTENING :80",
                           "LISTENING  127.0.0.1:1", "LISTENING 127.0.0.1:1\r\r"}) {
    const auto address = ParseHandshake(line);
    ASSERT_FALSE(address) << line;
    EXPECT_EQ(address.error().kind, ErrorKind::address_invalid) << line;
  }
}

TEST(HandshakeTest, NothingHidesBehindANul) {
  using namespace std::string_view_literals;
  for (const std::string_view line :
       {"LISTENING ::1\0.example.com:1"sv, "LISTENING 127.0.0.1\0:1"sv, "LISTENING [::1\0]:1"sv,
        "LISTENING 192.0.2.1\0\x1b:1"sv}) {
    const auto address = ParseHandshake(line);
    ASSERT_FALSE(address) << line;
    EXPECT_EQ(address.error().kind, ErrorKind::address_invalid) << line;
  }
}

TEST(HandshakeTest, OnlyLoopbackIsDialled) {
  for (const char* line : {"LISTENING 0.0.0.0:1", "LISTENING :::1", "LISTENING 192.0.2.1:1",
                           "LISTENING example.com:1"}) {
    const auto address = ParseHandshake(line);
    ASSERT_FALSE(address) << line;
    EXPECT_EQ(address.error().kind, ErrorKind::address_not_loopback) << line;
  }
}

TEST(FirstLineTest, EveryWayToCutTheBytesGivesTheSameLine) {
  const std::string stream = "LISTENING 127.0.0.1:1\nnoise\n";
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    FirstLine line;
    line.Append(stream.substr(0, cut));
    line.Append(stream.substr(cut));
    ASSERT_TRUE(line.complete()) << cut;
    EXPECT_EQ(line.bytes(), "LISTENING 127.0.0.1:1") << cut;
  }
}

TEST(FirstLineTest, EndsAtItsLimit) {
  FirstLine longest;
  longest.Append(std::string(kHandshakeLimit - 1, 'x') + "\n");
  EXPECT_TRUE(longest.complete());
  FirstLine endless;
  for (size_t i = 0; i < 3 * kHandshakeLimit; ++i) endless.Append("x");
  EXPECT_TRUE(endless.too_long());
  EXPECT_FALSE(endless.complete());
  EXPECT_EQ(endless.bytes().size(), kHandshakeLimit);
}

}  // namespace
}  // namespace zlayer::sidecar
