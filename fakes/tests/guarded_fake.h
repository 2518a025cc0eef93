// An honest fake that serves an honest client before and after a test's rogue ones, and no other.
//
//   class RogueTest : public GuardedFakeTest {};
//   TEST_F(RogueTest, NoCertificate) {
//     RunOpenssl(...);
//     ExpectRefused(NextConnection(), "peer did not return a certificate");
//   }

#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "fakes/tests/health_call.h"
#include "fakes/tests/openssl_client.h"

namespace zlayer::fakes {

class GuardedFakeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    port_ = fake_.ReadPort();
    std::ofstream(CallFile(), std::ios::binary) << HealthCall();
    ExpectServed();
  }

  void TearDown() override {
    ExpectServed();
    EXPECT_EQ(RpcsStarted(), served_);
  }

  Fake& fake() { return fake_; }
  const std::string& port() const { return port_; }
  /// Of s_client with good material.
  std::vector<std::string> Arguments() const { return ClientArguments(fake_, port_); }
  /// Openssl that sends a call as soon as it may, and stays until the fake closes.
  Command Caller(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"-ign_eof", "-nocommands"});
    return {.program = "openssl",
            .arguments = std::move(arguments),
            .environment = {},
            .input = CallFile()};
  }

  /// A good client calls Health and gets its answer.
  void ExpectServed() {
    const Process client(Caller(Arguments()));
    ExpectAccepted(NextConnection());
  }

  /// The number in the journal of a connection that is about to be made, or just was.
  std::uint32_t NextConnection() { return ++connections_; }

  /// The connection was accepted, and its call answered.
  void ExpectAccepted(std::uint32_t connection) {
    ++served_;
    long ended = 0;
    EXPECT_TRUE(fake_.WaitForEntry([&](const v1::JournalEntry& entry) {
      if (entry.has_started()) ended = 0;  // the first entry: read again from the beginning
      if (entry.has_rpc_ended() && entry.rpc_ended().code() == 0) ++ended;
      return ended == served_;
    }));
    const v1::TlsVerdict verdict = Verdict(fake_, connection);
    EXPECT_TRUE(verdict.accepted()) << verdict.reason();
  }

  /// The connection was refused for this reason, and called nothing.
  void ExpectRefused(std::uint32_t connection, const std::string& reason) {
    const v1::TlsVerdict verdict = Verdict(fake_, connection);
    EXPECT_FALSE(verdict.accepted());
    EXPECT_THAT(verdict.reason(), ::testing::HasSubstr(reason));
    EXPECT_EQ(RpcsStarted(), served_);
  }

  long RpcsStarted() const {
    const auto entries = fake_.Journal();
    return std::count_if(entries.begin(), entries.end(),
                         [](const v1::JournalEntry& entry) { return entry.has_rpc_started(); });
  }

 private:
  std::string CallFile() const { return fake_.directory() / "call"; }

  Fake fake_;
  std::string port_;
  std::uint32_t connections_ = 0;
  long served_ = 0;
};

}  // namespace zlayer::fakes
