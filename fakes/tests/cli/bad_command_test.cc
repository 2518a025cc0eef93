// A wrong command line is refused: exit status 2, nothing on stdout, and one line on stderr that
// says what is wrong and what would be right. Wrong flags: see go_flags_test.cc.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/tests/fixture/fake.h"

namespace zlayer::fakes {
namespace {

struct BadCommand {
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;
  const char* error;
};

TEST(BadCommandTest, IsOneLineAndStatus2) {
  const std::vector<std::string> usual = {"--tls-ca", "x", "--tls-cert", "x", "--tls-key", "x"};
  const BadCommand table[] = {
      {{"--print-plan", "hange-at-start"},
       {},
       "--print-plan: unknown preset \"hange-at-start\"; did you mean \"hang-at-start\"?"},
      {{"--path", "honst"}, {}, "--path: unknown preset \"honst\"; did you mean \"honest\"?"},
      {{"--mint-tls", "/nonexistent/tls"},
       {},
       "--mint-tls: /nonexistent/tls: No such file or directory"},
      {{"--check", "/nonexistent"}, {}, "/nonexistent: cannot be read: No such file or directory"},
      {usual,
       {{"ZLAYER_FAKE_PLAN", "honst"}},
       "ZLAYER_FAKE_PLAN: unknown preset \"honst\"; did you mean \"honest\"?"},
      {usual,
       {{"ZLAYER_FAKE_PLAN", "/nonexistent.txtpb"}},
       "ZLAYER_FAKE_PLAN: /nonexistent.txtpb: cannot be read: No such file or directory"},
      {usual,
       {{"ZLAYER_FAKE_JOURNAL", "/nonexistent/j"}},
       "ZLAYER_FAKE_JOURNAL=/nonexistent/j: cannot be opened: No such file or directory"}};
  for (const BadCommand& bad : table) {
    Process fake(
        {.program = FakePath(), .arguments = bad.arguments, .environment = bad.environment});
    EXPECT_EQ(fake.Wait(), Ended::WithCode(2)) << bad.error;
    EXPECT_EQ(fake.Stdout(), "");
    EXPECT_EQ(fake.Stderr(), std::string("fake-zlayer-buildd: ") + bad.error + "\n");
  }
}

TEST(BadCommandTest, CommandsThatExcludeEachOtherAreRefusedWithTheUsage) {
  for (const BadCommand& bad :
       {BadCommand{{"--check", "x", "--print-plan", "honest"},
                   {},
                   "--print-plan and --check: give one of them"},
        {{"--mint-ends-in-secs", "1"}, {}, "--mint-ends-in-secs: requires --mint-tls"}}) {
    Process fake({.program = FakePath(), .arguments = bad.arguments});
    EXPECT_EQ(fake.Wait(), Ended::WithCode(2)) << bad.error;
    EXPECT_EQ(fake.Stdout(), "");
    EXPECT_THAT(fake.Stderr(),
                ::testing::StartsWith(std::string("fake-zlayer-buildd: ") + bad.error + "\nUsage"));
  }
}

}  // namespace
}  // namespace zlayer::fakes
