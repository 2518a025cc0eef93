// The flags of the daemon are parsed by the rules of Go's package flag.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/tests/fixture/log_lines.h"

namespace zlayer::fakes {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

/// What the daemon says about itself when it was started with these arguments.
LogLine Ready(std::vector<std::string> arguments) {
  Fake fake({.arguments = std::move(arguments)});
  EXPECT_NE(fake.ReadPort(), "");
  return LineOf(LogAtEnd(fake), "zlayer-buildd ready");
}

TEST(GoFlagsTest, OneHyphenOrTwoAndAnEqualsSign) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"-idle-secs", "7"},
                                                    {"--idle-secs", "7"},
                                                    {"-idle-secs=7"},
                                                    {"--idle-secs=7"}}) {
    EXPECT_EQ(Ready(arguments).Number("idle_secs"), 7) << arguments[0];
  }
}

TEST(GoFlagsTest, TheLastOfRepeatedFlagsWins) {
  EXPECT_EQ(Ready({"--idle-secs", "7", "-idle-secs=8"}).Number("idle_secs"), 8);
}

TEST(GoFlagsTest, ParsingStopsAtTheFirstPositionalArgument) {
  for (const std::string stop : {"stray", "-", "--", ""}) {
    EXPECT_EQ(Ready({"--idle-secs", "7", stop, "--idle-secs", "8", "--bogus"}).Number("idle_secs"),
              7)
        << stop;
  }
}

TEST(GoFlagsTest, NumbersMayHaveAPrefixAndUnderscores) {
  const std::pair<std::string, std::string> numbers[] = {
      {"0x10", "16"}, {"0X1f", "31"}, {"0b101", "5"},
      {"0o17", "15"}, {"017", "15"},  {"1_000", "1000"},
      {"0", "0"},     {"0x_1", "1"},  {"18446744073709551615", "18446744073709551615"}};
  for (const auto& [text, value] : numbers) {
    EXPECT_THAT(Ready({"--idle-secs", text}).text, HasSubstr("\"idle_secs\":" + value + ","));
  }
}

TEST(GoFlagsTest, MaxConcurrentBelowOneMeansOne) {
  EXPECT_EQ(Ready({"--max-concurrent", "3"}).Number("max_concurrent"), 3);
  EXPECT_EQ(Ready({"--max-concurrent", "0"}).Number("max_concurrent"), 1);
  EXPECT_EQ(Ready({"--max-concurrent", "-5"}).Number("max_concurrent"), 1);
}

TEST(GoFlagsTest, LogLevelsMayBeInAnyCaseAndOtherWordsMeanInfo) {
  for (const std::string silent : {"warn", "WARNING", "Warning", "error", "ERROR"}) {
    Fake fake({.arguments = {"--log-level", silent}});
    ASSERT_NE(fake.ReadPort(), "");
    EXPECT_TRUE(LogAtEnd(fake).empty()) << silent;
    EXPECT_EQ(fake.process().Stderr(), "");
  }
  for (const std::string spoken : {"info", "Debug", "fatal", "inof", ""}) {
    EXPECT_EQ(Ready({"--log-level", spoken}).Text("level"), "INFO") << spoken;
  }
}

struct BadFlags {
  std::vector<std::string> arguments;
  std::string reason;
};

TEST(GoFlagsTest, BadFlagsAreStatus2WithTheReasonAndTheUsage) {
  const std::string number = "\": must be a number from 0 to 18446744073709551615";
  const BadFlags table[] = {
      {{"--tls-cea", "x"}, "unknown flag \"--tls-cea\"; did you mean \"--tls-ca\"?"},
      {{"-bogus-and-far=1"}, "unknown flag \"--bogus-and-far\""},
      {{"---bind"}, "bad flag syntax: \"---bind\""},
      {{"--=x"}, "bad flag syntax: \"--=x\""},
      {{"--tls-ca"}, "--tls-ca: needs a value"},
      {{"--version=maybe"}, "--version: invalid value \"maybe\": must be true or false"},
      {{"--idle-secs", ""}, "--idle-secs: invalid value \"" + number},
      {{"--idle-secs", "-1"}, "--idle-secs: invalid value \"-1" + number},
      {{"--idle-secs", "1.5"}, "--idle-secs: invalid value \"1.5" + number},
      {{"--idle-secs", "_1"}, "--idle-secs: invalid value \"_1" + number},
      {{"--idle-secs", "08"}, "--idle-secs: invalid value \"08" + number},
      {{"--idle-secs=18446744073709551616"},
       "--idle-secs: invalid value \"18446744073709551616" + number},
      {{"--max-concurrent", "many"},
       "--max-concurrent: invalid value \"many\": must be a whole number"}};
  for (const BadFlags& bad : table) {
    Process fake({.program = FakePath(), .arguments = bad.arguments});
    EXPECT_EQ(fake.Wait(), Ended::WithCode(2)) << bad.reason;
    EXPECT_EQ(fake.Stdout(), "");
    EXPECT_THAT(fake.Stderr(),
                StartsWith("fake-zlayer-buildd: " + bad.reason + "\nUsage of fake-zlayer-buildd"));
  }
}

TEST(GoFlagsTest, HelpIsTheUsageOnStderr) {
  for (const std::string help : {"--help", "-help", "-h"}) {
    Process fake({.program = FakePath(), .arguments = {help, "--bogus"}});
    EXPECT_EQ(fake.Wait(), Ended::WithCode(0));
    EXPECT_EQ(fake.Stdout(), "");
    EXPECT_THAT(fake.Stderr(), StartsWith("Usage of fake-zlayer-buildd"));
    EXPECT_THAT(fake.Stderr(), HasSubstr("\n  --idle-secs N\n"));
    EXPECT_THAT(fake.Stderr(), HasSubstr("(default 30)"));
  }
}

TEST(GoFlagsTest, VersionIsOneLineOfJsonWithItsKeysInOrder) {
  for (const std::string version : {"--version", "-version", "--version=true"}) {
    Process fake({.program = FakePath(), .arguments = {version}});
    EXPECT_EQ(fake.Wait(), Ended::WithCode(0));
    const auto lines = LogLines(fake.Stdout());
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(fake.Stdout(), lines[0].text + "\n");
    EXPECT_THAT(lines[0].Keys(),
                testing::ElementsAre("buildah_version", "go_version", "sidecar_version"));
  }
}

}  // namespace
}  // namespace zlayer::fakes
