// The honest fake's start and end: handshake line, exit codes, lifetime. go_flags_test.cc,
// bind_test.cc, storage_test.cc, log_test.cc and stop/ have the rest.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <tuple>

#include "fakes/tests/fixture/log_lines.h"

namespace zlayer::fakes {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

TEST(HonestStartTest, PrintsOneLineAndThenNothing) {
  Fake fake;
  ASSERT_NE(fake.ReadPort(), "");
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
  EXPECT_THAT(fake.process().Stdout(), MatchesRegex("LISTENING 127\\.0\\.0\\.1:[0-9]+\n"));
}

TEST(HonestStartTest, TakesEveryFlagOfTheClient) {
  const TemporaryDirectory storage;
  Fake fake({.arguments = {"--idle-secs", "30", "--storage-root", storage / "graph",
                           "--storage-runroot", storage / "run", "--storage-driver", "overlay",
                           "--max-concurrent", "2", "--log-level=debug"}});
  EXPECT_NE(fake.ReadPort(), "");
}

TEST(HonestStartTest, AMissingOrEmptyTlsFlagIsStatus2) {
  for (const std::string flag : {"--tls-ca", "--tls-cert", "--tls-key"}) {
    Fake fake({.arguments = {flag, ""}});
    EXPECT_EQ(fake.process().Wait(), Ended::WithCode(2)) << flag;
    EXPECT_EQ(fake.process().Stdout(), "");
    const auto lines = LogLines(fake.process().Stderr());
    ASSERT_THAT(MessagesOf(lines), ElementsAre("missing required TLS flags"));
    EXPECT_EQ(lines[0].Text("level"), "ERROR");
    EXPECT_THAT(lines[0].Keys(),
                ElementsAre("time", "level", "msg", "component", "tls_ca", "tls_cert", "tls_key"));
    EXPECT_EQ(fake.process().Stderr(),
              lines[0].text + "\nfake-zlayer-buildd: --tls-ca, --tls-cert and --tls-key are " +
                  "required; --mint-tls DIR makes such files\n");
  }
}

TEST(HonestStartTest, TlsFilesThatCannotBeUsedAreStatus1) {
  const std::tuple<std::string, std::string, std::string> failures[] = {
      {"--tls-ca", "/nonexistent/ca.pem", "/nonexistent/ca.pem: cannot be read"},
      {"--tls-cert", "/dev/null", "/dev/null: holds no PEM certificate"},
      {"--tls-key", "/dev/null", "/dev/null: no PEM private key"}};
  for (const auto& [flag, value, reason] : failures) {
    Fake fake({.arguments = {flag, value}});
    EXPECT_EQ(fake.process().Wait(), Ended::WithCode(1)) << reason;
    EXPECT_EQ(fake.process().Stdout(), "");
    const auto lines = LogLines(fake.process().Stderr());
    ASSERT_THAT(MessagesOf(lines), ElementsAre("failed to load TLS config"));
    EXPECT_EQ(lines[0].Text("level"), "ERROR");
    EXPECT_THAT(lines[0].Text("error"), HasSubstr(reason));
  }
}

TEST(HonestStopTest, SigtermAndSigintEndItWithStatus0) {
  for (const int signal : {SIGTERM, SIGINT}) {
    Fake fake;
    ASSERT_NE(fake.ReadPort(), "");
    fake.process().Kill(signal);
    EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0)) << signal;
    EXPECT_TRUE(fake.WaitForEntry([&](const v1::JournalEntry& entry) {
      return entry.signal().number() == signal && entry.signal().sender_pid() == getpid();
    }));
    EXPECT_TRUE(
        fake.WaitForEntry([](const v1::JournalEntry& entry) { return entry.has_exiting(); }));
  }
}

TEST(HonestStopTest, InheritedSignalMaskDoesNotMatter) {
  Fake fake({.block_signals = true});
  ASSERT_NE(fake.ReadPort(), "");
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
}

TEST(LifetimeTest, EndsAHungFakeWhateverItsSpawnerBlocked) {
  Fake fake({.plan = "lifetime_ms: 300 fault { hang {} } fault { ignore_signals {} }",
             .block_signals = true});
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(124));
  EXPECT_TRUE(fake.WaitForEntry([](const v1::JournalEntry& entry) {
    return entry.exiting().code() == 124 &&
           entry.exiting().reason() == "the lifetime of 300 ms is over" && entry.monotonic_ns() > 0;
  }));
}

TEST(LifetimeTest, EndsAServingFake) {
  Fake fake({.plan = "lifetime_ms: 2000"});
  ASSERT_NE(fake.ReadPort(), "");
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(124));
}

TEST(HonestStartTest, AJournalThatCannotBeWrittenIsSaidOnce) {
  Fake fake({.environment = {{"ZLAYER_FAKE_JOURNAL", "/dev/full"}}});
  ASSERT_TRUE(fake.process().ReadStderrUntil("zlayer-buildd ready"));
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
  const std::string loss =
      "fake-zlayer-buildd: the journal: an entry is lost: No space left on device\n";
  const std::string errors = fake.process().Stderr();
  const size_t at = errors.find(loss);
  ASSERT_NE(at, errors.npos) << errors;
  EXPECT_EQ(errors.find("is lost", at + loss.size()), errors.npos) << errors;
}

}  // namespace
}  // namespace zlayer::fakes
