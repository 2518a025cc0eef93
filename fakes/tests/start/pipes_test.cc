// Output beside the handshake line: floods of a given size and rate, on stdout and stderr.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>

#include "fakes/tests/fixture/fake.h"

namespace zlayer::fakes {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAWhile{150};

void ExpectServes(Fake& fake, const std::string& port) {
  Process client({.program = "openssl", .arguments = ClientArguments(fake, port)});
  EXPECT_EQ(client.Wait(), Ended::WithCode(0)) << client.Stderr();
}

TEST(FloodTest, OneByteLessThanThePipeHoldsLeavesNoRoomForTheFirstLogLine) {
  Fake fake({.plan = "fault { flood { bytes: 65535 } }"});
  ASSERT_TRUE(fake.WaitForFault("flood"));
  EXPECT_FALSE(fake.process().ReadStdoutUntil("\n", kAWhile));
  EXPECT_TRUE(fake.process().DrainStderr(65535));
  EXPECT_NE(fake.ReadPort(), "");
}

TEST(FloodTest, ARateIsKept) {
  const auto begun = std::chrono::steady_clock::now();
  Fake fake({.plan = "fault { flood { phase: BOUND bytes: 4001 rate: 10000 } }"});
  EXPECT_NE(fake.ReadPort(), "");
  EXPECT_GE(std::chrono::steady_clock::now() - begun, milliseconds(400));
  EXPECT_TRUE(fake.process().DrainStderr(4001));
}

TEST(FloodTest, SigtermEndsASlowOne) {
  Fake fake({.plan = "fault { flood { phase: BOUND bytes: 4000 rate: 1 } }"});
  ASSERT_TRUE(fake.WaitForFault("flood"));
  EXPECT_FALSE(fake.process().ReadStdoutUntil("\n", kAWhile));
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGTERM));
}

TEST(FloodTest, WhileServingTheDaemonGoesOnThoughNobodyReads) {
  Fake fake({.plan = "fault { flood { stream: STDOUT phase: SERVING } }"});
  const std::string port = fake.ReadPort();
  ASSERT_TRUE(fake.WaitForFault("flood"));
  EXPECT_TRUE(fake.process().DrainStdout(100'000));
  ExpectServes(fake, port);
  fake.process().Kill(SIGTERM);
  // Not Wait() alone: Wait() reads the pipes, and the fake must end although nobody reads them.
  EXPECT_FALSE(fake.process().LivesFor(kPatience));
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
}

TEST(FloodTest, WhileServingARateIsKept) {
  const auto begun = std::chrono::steady_clock::now();
  Fake fake({.plan = "fault { flood { stream: STDOUT phase: SERVING rate: 200 bytes: 80 } }"});
  ASSERT_NE(fake.ReadPort(), "");
  EXPECT_TRUE(fake.process().ReadStdoutUntil("x\n"));
  EXPECT_GE(std::chrono::steady_clock::now() - begun, milliseconds(390));
}

TEST(HandshakeBytesTest, OnStderrLeavesStdoutEmpty) {
  Fake fake({.plan = R"(fault { handshake_bytes {
                          text: "LISTENING {host}:{port}\n" on_stderr: true } })",
             .arguments = {"--log-level", "error"}});
  const auto line = fake.process().ReadStderrUntil("\n");
  ASSERT_TRUE(line);
  EXPECT_THAT(*line, ::testing::MatchesRegex("LISTENING 127.0.0.1:[0-9]+\n"));
  EXPECT_FALSE(fake.process().ReadStdoutUntil("\n", kAWhile));
  EXPECT_TRUE(fake.HasFired("handshake_bytes"));
  for (const v1::JournalEntry& entry : fake.Journal()) EXPECT_FALSE(entry.has_printed());
  const std::string head = "LISTENING 127.0.0.1:";
  ExpectServes(fake, line->substr(head.size(), line->size() - head.size() - 1));
}

TEST(HandshakeBytesTest, TwiceIsTheSameLineTwice) {
  Fake fake({.environment = {{"ZLAYER_FAKE_PLAN", "handshake-twice"}}});
  const std::string port = fake.ReadPort();
  const std::string line = "LISTENING 127.0.0.1:" + port + "\n";
  EXPECT_EQ(fake.process().ReadStdoutUntil("\n" + line), line + line);
  ExpectServes(fake, port);
}

}  // namespace
}  // namespace zlayer::fakes
