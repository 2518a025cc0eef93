#include "lifecycle/src/config/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zlayer::sidecar {
namespace {

using ::testing::HasSubstr;

TEST(AddressTest, SplitsAtTheLastColon) {
  const auto v4 = ParseAddress("127.0.0.1:50051");
  ASSERT_TRUE(v4) << v4.error();
  EXPECT_EQ(v4->host, "127.0.0.1");
  EXPECT_EQ(v4->port, 50051);
  const auto bracketed = ParseAddress("[::1]:443");
  ASSERT_TRUE(bracketed) << bracketed.error();
  EXPECT_EQ(bracketed->host, "::1");
  EXPECT_EQ(bracketed->ToString(), "[::1]:443");
  const auto any = ParseAddress(":::8080");
  ASSERT_TRUE(any) << any.error();
  EXPECT_EQ(any->host, "::");
}

TEST(AddressTest, NamesThePartThatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"127.0.0.1", "there is no port"},
      {"127.0.0.1:", "port \"\" is not a number"},
      {"127.0.0.1:http", "port \"http\" is not a number"},
      {"127.0.0.1:-1", "port \"-1\" is not a number"},
      {"127.0.0.1:+1", "port \"+1\" is not a number"},
      {"127.0.0.1:80 ", "port \"80 \" is not a number"},
      {"127.0.0.1:0", "is not in 1..65535"},
      {"127.0.0.1:65536", "is not in 1..65535"},
      {"127.0.0.1:99999999999999999999", "is not in 1..65535"},
      {":80", "there is no host"},
      {"127.0.0.256:80", "is not a valid address"},
      {"127.0.0:80", "is not a valid address"},
      {"[127.0.0.1]:80", "is not a valid address"},
      {"[::1:80", "is not a valid address"},
      {"a b:80", "is not a valid address"},
      {"\x1b[0m127.0.0.1:80", "host \"\\x1b[0m127.0.0.1\" is not a valid address"},
  };
  for (const auto& [text, reason] : cases) {
    const auto address = ParseAddress(text);
    ASSERT_FALSE(address) << text;
    EXPECT_THAT(address.error(), HasSubstr(reason)) << text;
  }
}

TEST(AddressTest, LoopbackIsLiteralOrLocalhost) {
  for (const char* text : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "::1:1", "localhost:1"}) {
    EXPECT_TRUE(ParseAddress(text).value().IsLoopback()) << text;
  }
  for (const char* text : {"0.0.0.0:1", ":::1", "[::]:1", "192.0.2.1:1", "128.0.0.1:1",
                           "[2001:db8::1]:1", "localhost.example:1", "[::ffff:192.0.2.1]:1"}) {
    EXPECT_FALSE(ParseAddress(text).value().IsLoopback()) << text;
  }
}

}  // namespace
}  // namespace zlayer::sidecar
