// The honest fake's start and end: flags, handshake line, exit codes, idle exit (protocol sections
// 1, 2 and 5).

#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>

#include "fakes/tests/fixture/fake.h"

namespace zlayer::fakes {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

google::protobuf::Struct ParseObject(const std::string& line) {
  google::protobuf::Struct object;
  const auto parsed = google::protobuf::util::JsonStringToMessage(line, &object);
  EXPECT_TRUE(parsed.ok()) << line;
  return object;
}

TEST(HonestStartTest, PrintsOneLineAndThenNothing) {
  Fake fake;
  ASSERT_NE(fake.ReadPort(), "");
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
  EXPECT_THAT(fake.process().Stdout(), MatchesRegex("LISTENING 127\\.0\\.0\\.1:[0-9]+\n"));
}

TEST(HonestStartTest, AnIpv6AddressHasNoBracketsInTheLine) {
  Fake minted;
  Process fake({.program = FakePath(),
                .arguments = {"--bind", "[::]:0", "--tls-ca", minted.tls("ca.pem"), "--tls-cert",
                              minted.tls("cert.pem"), "--tls-key", minted.tls("key.pem")}});
  const auto line = fake.ReadStdoutUntil("\n");
  ASSERT_TRUE(line);
  EXPECT_THAT(*line, testing::MatchesRegex("LISTENING :::[0-9]+\n"));
}

TEST(HonestStartTest, LogsJsonLinesOnStderr) {
  Fake fake;
  const std::string port = fake.ReadPort();
  const auto line = fake.process().ReadStderrUntil("\n");
  ASSERT_TRUE(line);
  const auto object = ParseObject(*line);
  EXPECT_EQ(object.fields().at("level").string_value(), "INFO");
  EXPECT_EQ(object.fields().at("msg").string_value(), "listening");
  EXPECT_EQ(object.fields().at("addr").string_value(), "127.0.0.1:" + port);
  EXPECT_TRUE(object.fields().contains("time"));
}

TEST(HonestStartTest, LogLevelErrorIsSilent) {
  Fake fake({.arguments = {"--log-level", "error"}});
  ASSERT_NE(fake.ReadPort(), "");
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
  EXPECT_EQ(fake.process().Stderr(), "");
}

TEST(HonestStartTest, TakesEveryFlagOfTheClient) {
  Fake fake({.arguments = {"--idle-secs", "30", "--storage-root", "/tmp/graph", "--storage-runroot",
                           "/tmp/run", "--storage-driver", "overlay", "--max-concurrent", "2",
                           "--log-level=debug"}});
  EXPECT_NE(fake.ReadPort(), "");
}

TEST(HonestStartTest, VersionIsOneLineOfJson) {
  Process fake({.program = FakePath(), .arguments = {"--version"}});
  EXPECT_EQ(fake.Wait(), Ended::WithCode(0));
  ASSERT_EQ(std::count(fake.Stdout().begin(), fake.Stdout().end(), '\n'), 1);
  const auto object = ParseObject(fake.Stdout());
  for (const char* field : {"sidecar_version", "buildah_version", "go_version"}) {
    EXPECT_TRUE(object.fields().contains(field)) << field;
  }
}

TEST(HonestStartTest, MissingTlsFlagIsStatus2) {
  const std::vector<std::string> flags = {"--tls-ca", "--tls-cert", "--tls-key"};
  for (const std::string& missing : flags) {
    Command command{.program = FakePath(), .arguments = {}};
    for (const std::string& flag : flags) {
      if (flag != missing) command.arguments.insert(command.arguments.end(), {flag, "x.pem"});
    }
    Process fake(command);
    EXPECT_EQ(fake.Wait(), Ended::WithCode(2)) << missing;
    EXPECT_EQ(fake.Stderr(),
              "fake-zlayer-buildd: " + missing + " is required; --mint-tls DIR makes such files\n");
    EXPECT_EQ(fake.Stdout(), "");
  }
}

struct FailedStart {
  std::vector<std::string> arguments;  // a flag and its value, in place of the usual one
  std::string reason;
};

TEST(HonestStartTest, OtherStartFailuresAreStatus1) {
  const FailedStart failures[] = {
      {{"--tls-ca", "/nonexistent/ca.pem"}, "/nonexistent/ca.pem: cannot be read"},
      {{"--tls-cert", "/dev/null"}, "/dev/null: no PEM certificate"},
      {{"--tls-key", "/dev/null"}, "/dev/null: no PEM private key"},
      {{"--bind", "192.0.2.1:0"}, "--bind 192.0.2.1:0: Cannot assign requested address"},
      {{"--bind", "127.0.0.1"}, "--bind 127.0.0.1: is not an IP address and a port"},
      {{"--bind", "127.0.0.1:70000"}, "is not an IP address and a port"}};
  for (const FailedStart& failure : failures) {
    TemporaryDirectory directory;
    Process mint({.program = FakePath(), .arguments = {"--mint-tls", directory / "tls"}});
    ASSERT_EQ(mint.Wait(), Ended::WithCode(0));
    std::map<std::string, std::string> flags = {{"--tls-ca", directory / "tls/ca.pem"},
                                                {"--tls-cert", directory / "tls/cert.pem"},
                                                {"--tls-key", directory / "tls/key.pem"}};
    flags[failure.arguments[0]] = failure.arguments[1];
    Command command{.program = FakePath(), .arguments = {}};
    for (const auto& [flag, value] : flags) {
      command.arguments.insert(command.arguments.end(), {flag, value});
    }
    Process fake(command);
    EXPECT_EQ(fake.Wait(), Ended::WithCode(1)) << failure.reason;
    EXPECT_EQ(fake.Stdout(), "");
    EXPECT_THAT(ParseObject(fake.Stderr()).fields().at("msg").string_value(),
                HasSubstr(failure.reason));
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

TEST(HonestStopTest, IdleDaemonEndsByItselfAndNotBefore) {
  Fake fake({.arguments = {"--idle-secs", "1"}});
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
  std::int64_t printed_ns = 0;
  std::int64_t ended_ns = 0;
  for (const v1::JournalEntry& entry : fake.Journal()) {
    if (entry.has_printed()) printed_ns = entry.monotonic_ns();
    if (entry.exiting().reason() == "idle for 1 s") ended_ns = entry.monotonic_ns();
  }
  EXPECT_GE(ended_ns - printed_ns, 1'000'000'000);
}

TEST(HonestStopTest, IdleSecs0NeverEnds) {
  Fake fake({.arguments = {"--idle-secs", "0"}});
  ASSERT_NE(fake.ReadPort(), "");
  EXPECT_TRUE(fake.process().LivesFor(milliseconds(1500)));
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
  EXPECT_NE(fake.ReadPort(), "");
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
