// The faults of the start: what a client sees of each, and that the journal has its `fault_fired`.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>

#include "fakes/tests/fixture/fake.h"

namespace zlayer::fakes {
namespace {

using std::chrono::milliseconds;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

constexpr milliseconds kAWhile{150};
constexpr size_t kPipeSize = 65'536;

TEST(HangTest, BeforeTheLineNothingIsPrintedAndSigtermEndsIt) {
  for (const std::string phase : {"START", "BOUND"}) {
    Fake fake({.plan = "fault { hang { phase: " + phase + " } }"});
    ASSERT_TRUE(fake.WaitForFault("hang"));
    EXPECT_TRUE(fake.process().LivesFor(kAWhile));
    fake.process().Kill(SIGTERM);
    EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGTERM));
    EXPECT_EQ(fake.process().Stdout(), "");
  }
}

TEST(HangTest, AfterTheLineNothingIsAccepted) {
  Fake fake({.plan = "fault { hang { phase: LINE } }"});
  const std::string port = fake.ReadPort();
  ASSERT_TRUE(fake.WaitForFault("hang"));
  Process client({.program = "openssl", .arguments = ClientArguments(fake, port)});
  EXPECT_TRUE(client.LivesFor(kAWhile));
  for (const v1::JournalEntry& entry : fake.Journal()) EXPECT_FALSE(entry.has_accepted());
}

TEST(HangTest, WithIgnoreSignalsOnlySigkillHelps) {
  Fake fake({.plan = "fault { hang {} } fault { ignore_signals {} }"});
  ASSERT_TRUE(fake.WaitForFault("hang"));
  EXPECT_FALSE(fake.HasFired("ignore_signals"));
  fake.process().Kill(SIGTERM);
  ASSERT_TRUE(fake.WaitForFault("ignore_signals"));
  EXPECT_TRUE(fake.process().LivesFor(kAWhile));
}

TEST(ExitTest, CodeAndStderrArriveAsThePlanSays) {
  for (const std::string phase : {"START", "BOUND"}) {
    Fake fake({.plan = "fault { exit { phase: " + phase + " code: 255 stderr: \"no\\nway\" } }"});
    EXPECT_EQ(fake.process().Wait(), Ended::WithCode(255));
    EXPECT_THAT(fake.process().Stderr(), ::testing::EndsWith("no\nway"));
    EXPECT_EQ(fake.process().Stdout(), "");
    EXPECT_TRUE(fake.HasFired("exit"));
  }
}

TEST(ExitTest, StderrNeedNotBeText) {
  Fake fake({.plan = R"(fault { exit { code: 255 stderr: "\377\000" } })"});
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(255));
  EXPECT_EQ(fake.process().Stderr(), std::string("\377\0", 2));
  EXPECT_TRUE(fake.HasFired("exit"));
}

TEST(ExitTest, AfterTheLine) {
  Fake fake({.plan = "fault { exit { phase: LINE code: 7 } }"});
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(7));
  EXPECT_THAT(fake.process().Stdout(), MatchesRegex("LISTENING 127.0.0.1:[0-9]+\n"));
}

TEST(ExitTest, BySignal) {
  for (const int signal : {SIGKILL, SIGSEGV, SIGTERM, SIGPIPE}) {
    Fake fake({.plan = "fault { exit { signal: " + std::to_string(signal) + " } }"});
    EXPECT_EQ(fake.process().Wait(), Ended::BySignal(signal));
    EXPECT_TRUE(fake.HasFired("exit"));
  }
}

TEST(ExitTest, DelayIsWaited) {
  const auto begun = std::chrono::steady_clock::now();
  Fake fake({.plan = "fault { exit { code: 3 delay_ms: 200 } }"});
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(3));
  EXPECT_GE(std::chrono::steady_clock::now() - begun, milliseconds(200));
}

struct Bytes {
  const char* fault;
  const char* stdout_regex;
};

TEST(HandshakeBytesTest, ReplaceTheLine) {
  const Bytes table[] = {
      {R"(text: "READY {host}:{port}\n")", "READY 127.0.0.1:[0-9]+\n"},
      {R"(text: "x" repeat: 3)", "xxx"},
      {R"(text: "LISTENING {host}:{port}\r\n")", "LISTENING 127.0.0.1:[0-9]+\r\n"},
      {R"(text: "abc" drip_ms: 10)", "abc"},
      {"", ""}};
  for (const Bytes& bytes : table) {
    Fake fake({.plan = std::string("fault { handshake_bytes { then: EXIT ") + bytes.fault + "} }"});
    EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0)) << bytes.fault;
    EXPECT_THAT(fake.process().Stdout(), MatchesRegex(bytes.stdout_regex)) << bytes.fault;
    EXPECT_TRUE(fake.HasFired("handshake_bytes"));
  }
}

TEST(HandshakeBytesTest, RawBytesAreWrittenAsTheyAre) {
  Fake fake({.plan = R"(fault { handshake_bytes { raw: "L\000\377{port}\n" then: EXIT } })"});
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
  EXPECT_EQ(fake.process().Stdout(), std::string("L\0\xff{port}\n", 10));
}

TEST(HandshakeBytesTest, ClosedPortIsNotTheFakes) {
  Fake fake({.plan = R"(fault { handshake_bytes { text: "{port} {closed_port}\n" } })"});
  const auto line = fake.process().ReadStdoutUntil("\n");
  ASSERT_TRUE(line);
  const std::string open = line->substr(0, line->find(' '));
  const std::string closed = line->substr(open.size() + 1, line->size() - open.size() - 2);
  EXPECT_NE(open, closed);
  Process refused({.program = "openssl", .arguments = ClientArguments(fake, closed)});
  EXPECT_EQ(refused.Wait(), Ended::WithCode(1));
  EXPECT_THAT(refused.Stderr(), ::testing::HasSubstr("Connection refused"));
  Process accepted({.program = "openssl", .arguments = ClientArguments(fake, open)});
  EXPECT_EQ(accepted.Wait(), Ended::WithCode(0)) << accepted.Stderr();
}

TEST(HandshakeBytesTest, StallAcceptsNothingAndStopsOnSigterm) {
  Fake fake({.plan = R"(fault { handshake_bytes { text: "LISTENING 127" then: STALL } })"});
  ASSERT_EQ(fake.process().ReadStdoutUntil("127"), "LISTENING 127");
  EXPECT_TRUE(fake.process().LivesFor(kAWhile));
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
}

TEST(HandshakeBytesTest, CloseStdoutGoesOnServing) {
  Fake fake({.plan = R"(fault { handshake_bytes {
                          text: "LISTENING {host}:{port}\n" then: CLOSE_STDOUT } })"});
  const std::string port = fake.ReadPort();
  EXPECT_TRUE(fake.process().StdoutEnds());
  Process client({.program = "openssl", .arguments = ClientArguments(fake, port)});
  EXPECT_EQ(client.Wait(), Ended::WithCode(0)) << client.Stderr();
}

TEST(HandshakeBytesTest, EndlessLineStopsOnSigtermThoughThePipeIsFull) {
  Fake fake({.plan = R"(fault { handshake_bytes { text: "xxxxxxxx" repeat: 100000000 } })"});
  ASSERT_TRUE(fake.process().DrainStdout(kPipeSize * 4));
  EXPECT_TRUE(fake.process().LivesFor(kAWhile));
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGTERM));
}

TEST(FloodTest, FullStderrHoldsTheLineBack) {
  Fake fake({.plan = "fault { flood { stream: STDERR phase: BOUND bytes: 65537 } }"});
  ASSERT_TRUE(fake.WaitForFault("flood"));
  EXPECT_FALSE(fake.process().ReadStdoutUntil("\n", kAWhile));
  // The kernel counts the content of a pipe in pages, and the daemon's first line has one of its
  // own: the last byte fits only when that page and a whole one were read.
  ASSERT_TRUE(fake.process().DrainStderr(8192));
  EXPECT_NE(fake.ReadPort(), "");
}

TEST(FloodTest, WhatFitsIntoThePipeHoldsNothingBack) {
  // The lines of the daemon's own log need two of the pipe's 16 pages.
  Fake fake({.plan = "fault { flood { stream: STDERR phase: BOUND bytes: 57344 } }"});
  EXPECT_NE(fake.ReadPort(), "");
}

TEST(FloodTest, FullStdoutAfterTheLineKeepsTheFakeFromAccepting) {
  Fake fake({.plan = "fault { flood { stream: STDOUT phase: LINE bytes: 200000 } }"});
  const std::string port = fake.ReadPort();
  ASSERT_TRUE(fake.WaitForFault("flood"));
  Process client({.program = "openssl", .arguments = ClientArguments(fake, port)});
  EXPECT_TRUE(client.LivesFor(kAWhile));
  const size_t already =
      fake.process().Stdout().size() - std::string("LISTENING 127.0.0.1:\n").size() - port.size();
  ASSERT_TRUE(fake.process().DrainStdout(200'000 - already));
  EXPECT_EQ(client.Wait(), Ended::WithCode(0)) << client.Stderr();
}

TEST(FloodTest, ClosedStdoutKillsItWithSigpipe) {
  Fake fake({.plan = "fault { flood { stream: STDOUT phase: LINE } }"});
  ASSERT_NE(fake.ReadPort(), "");
  fake.process().CloseStdout();
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGPIPE));
}

TEST(FloodTest, SigtermEndsABlockedFlood) {
  Fake fake({.plan = "fault { flood { stream: STDERR phase: START } }"});
  ASSERT_TRUE(fake.WaitForFault("flood"));
  EXPECT_TRUE(fake.process().LivesFor(kAWhile));
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGTERM));
  EXPECT_THAT(fake.process().Stderr(), StartsWith(std::string(79, 'x') + "\n" + "x"));
}

TEST(IgnoreSignalsTest, GoesOnServing) {
  Fake fake({.plan = "fault { ignore_signals {} }"});
  const std::string port = fake.ReadPort();
  fake.process().Kill(SIGTERM);
  ASSERT_TRUE(fake.WaitForFault("ignore_signals"));
  fake.process().Kill(SIGINT);
  ASSERT_TRUE(fake.WaitForEntry(
      [](const v1::JournalEntry& entry) { return entry.signal().number() == SIGINT; }));
  Process client({.program = "openssl", .arguments = ClientArguments(fake, port)});
  EXPECT_EQ(client.Wait(), Ended::WithCode(0)) << client.Stderr();
}

TEST(StorageFailsTest, ExitsBeforeTheSocketListensAndSaysWhy) {
  Fake fake({.plan = "fault { storage_fails { error: \"database is locked\" } }"});
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(1));
  EXPECT_EQ(fake.process().Stdout(), "");
  EXPECT_THAT(fake.process().Stderr(),
              ::testing::AllOf(::testing::HasSubstr("failed to open containers/storage store"),
                               ::testing::HasSubstr("database is locked")));
  EXPECT_TRUE(fake.HasFired("storage_fails"));
  for (const v1::JournalEntry& entry : fake.Journal()) EXPECT_FALSE(entry.has_listening());
}

}  // namespace
}  // namespace zlayer::fakes
