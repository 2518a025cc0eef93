// A wrong command line is refused: exit status 2, nothing on stdout, and one line on stderr that
// says what is wrong and what would be right.

#include <gtest/gtest.h>

#include <algorithm>

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
      {{"--tls-cea", "x"}, {}, "unknown flag \"--tls-cea\"; did you mean \"--tls-ca\"?"},
      {{"--bogus-and-far=1"}, {}, "unknown flag \"--bogus-and-far\"; --help lists the valid ones"},
      {{"stray"}, {}, "unknown flag \"stray\"; --help lists the valid ones"},
      {{"--idle-secs", "-1"}, {}, "--idle-secs: must be 0 to 1000000000"},
      {{"--max-concurrent", "0"}, {}, "--max-concurrent: must be at least 1"},
      {{"--log-level", "inof"}, {}, "--log-level: unknown level \"inof\"; did you mean \"info\"?"},
      {{"--print-plan", "hange-at-start"},
       {},
       "--print-plan: unknown preset \"hange-at-start\"; did you mean \"hang-at-start\"?"},
      {{"--path", "honst"}, {}, "--path: unknown preset \"honst\"; did you mean \"honest\"?"},
      {{"--check", "x", "--print-plan", "honest"},
       {},
       "--print-plan and --check: give one of them"},
      {{"--mint-ends-in-secs", "1"}, {}, "--mint-ends-in-secs requires --mint-tls"},
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

TEST(BadCommandTest, FlagWithoutAValueOrWithANonNumberIsOneLine) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--tls-ca"}, {"--idle-secs", "soon"}}) {
    Process fake({.program = FakePath(), .arguments = arguments});
    EXPECT_EQ(fake.Wait(), Ended::WithCode(2));
    EXPECT_EQ(std::count(fake.Stderr().begin(), fake.Stderr().end(), '\n'), 1) << fake.Stderr();
    EXPECT_NE(fake.Stderr().find(arguments[0]), std::string::npos) << fake.Stderr();
  }
}

}  // namespace
}  // namespace zlayer::fakes
