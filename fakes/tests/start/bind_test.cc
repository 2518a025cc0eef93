// The forms of `--bind`, and how the handshake line shows the address.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/tests/fixture/log_lines.h"
#include "fakes/tests/network/raw_socket.h"

namespace zlayer::fakes {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

/// The handshake line with this `--bind`.
std::string LineOfBind(Fake& fake) { return fake.process().ReadStdoutUntil("\n").value_or(""); }

TEST(BindTest, EveryAddressIsPrintedAsThreeColonsAndTakesIpv4) {
  for (const std::string bind : {"0.0.0.0:0", ":0", "[::]:0", "", ":"}) {
    Fake fake({.arguments = {"--bind", bind}});
    const std::string line = LineOfBind(fake);
    ASSERT_THAT(line, MatchesRegex("LISTENING :::[0-9]+\n")) << bind;
    const std::string head = "LISTENING :::";
    EXPECT_TRUE(Dial(line.substr(head.size(), line.size() - head.size() - 1))) << bind;
  }
}

TEST(BindTest, OtherAddressesArePrintedWithoutBrackets) {
  const std::pair<std::string, std::string> forms[] = {{"[::1]:0", "::1:[0-9]+"},
                                                       {"localhost:0", "127\\.0\\.0\\.1:[0-9]+"},
                                                       {"127.0.0.1:", "127\\.0\\.0\\.1:[0-9]+"},
                                                       {"127.0.0.2:0", "127\\.0\\.0\\.2:[0-9]+"}};
  for (const auto& [bind, address] : forms) {
    Fake fake({.arguments = {"--bind", bind}});
    EXPECT_THAT(LineOfBind(fake), MatchesRegex("LISTENING " + address + "\n")) << bind;
  }
}

struct BadBind {
  std::string bind;
  std::string reason;
};

void ExpectRefused(const BadBind& bad) {
  Fake fake({.arguments = {"--bind", bad.bind}});
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(1)) << bad.bind;
  EXPECT_EQ(fake.process().Stdout(), "");
  const LogLine line = LineOf(LogLines(fake.process().Stderr()), "failed to listen");
  EXPECT_EQ(line.Text("level"), "ERROR");
  EXPECT_EQ(line.Text("bind"), bad.bind);
  EXPECT_THAT(line.Text("error"), HasSubstr(bad.reason));
}

TEST(BindTest, AnAddressThatCannotBeUsedIsStatus1) {
  const BadBind table[] = {{"127.0.0.1", "missing port in address"},
                           {"::1:0", "too many colons in address"},
                           {"[::1:0", "missing ']'"},
                           {"127.0.0.1:99999", "invalid port 99999"},
                           {"127.0.0.1:no-such-service", "unknown port tcp/no-such-service"},
                           {"no-such-host.invalid:0", "lookup no-such-host.invalid: no such host"},
                           {"192.0.2.1:0", "Cannot assign requested address"}};
  for (const BadBind& bad : table) ExpectRefused(bad);
}

TEST(BindTest, APortInUseIsStatus1) {
  Fake first;
  ExpectRefused({"127.0.0.1:" + first.ReadPort(), "Address already in use"});
}

TEST(BindTest, TheNameOfAServiceIsAPort) {
  // Whether the port is free is up to the machine: the reason names the bind, not the service.
  Fake fake({.arguments = {"--bind", "192.0.2.1:https"}});
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(1));
  const LogLine line = LineOf(LogLines(fake.process().Stderr()), "failed to listen");
  EXPECT_THAT(line.Text("error"), HasSubstr("Cannot assign requested address"));
}

}  // namespace
}  // namespace zlayer::fakes
