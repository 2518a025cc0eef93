// Upstreams that do not start as a daemon does: the client gets what it would have got without the
// fake. What cannot be started at all is bad input.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "fakes/tests/upstream/programs.h"

namespace zlayer::fakes {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::chrono::milliseconds kAWhile{150};

TEST(UpstreamStartTest, PrintsNothingUntilItDoes) {
  Programs programs;
  Fake fake({.environment = programs.Behind(programs.Script("exec sleep 1000"))});
  ASSERT_GT(UpstreamOf(fake), 0);
  EXPECT_TRUE(fake.process().LivesFor(kAWhile));
  EXPECT_EQ(fake.process().Stdout(), "");
}

TEST(UpstreamStartTest, WhateverItPrintsInPlaceOfALineIsPassedOn) {
  const std::string kOutputs[] = {"",
                                  "no daemon\\n",
                                  "LISTENING\\n",
                                  "LISTENING 127.0.0.1:0\\n",
                                  "LISTENING 127.0.0.1:65536\\n",
                                  "listening 127.0.0.1:80\\n",
                                  "LISTENING 127.0.0.1:8",
                                  "\\nLISTENING 127.0.0.1:80\\n",
                                  "\\033[0m\\377\\n"};
  for (const std::string& output : kOutputs) {
    Programs programs;
    Fake fake({.environment = programs.Behind(programs.Script("printf '" + output + "'; exit 6"))});
    Process alone({.program = programs.Script("printf '" + output + "'"), .arguments = {}});
    EXPECT_EQ(alone.Wait(), Ended::WithCode(0));
    EXPECT_EQ(fake.process().Wait(), Ended::WithCode(6)) << output;
    EXPECT_EQ(fake.process().Stdout(), alone.Stdout()) << output;
    EXPECT_THAT(programs.Left(), IsEmpty());
  }
}

TEST(UpstreamStartTest, AFloodInPlaceOfALineIsPassedOnForEver) {
  Programs programs;
  Fake fake({.environment = programs.Behind(programs.Script("exec cat /dev/zero"))});
  EXPECT_TRUE(fake.process().DrainStdout(10'000'000));
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGTERM));
}

TEST(UpstreamStartTest, AFloodThatNobodyReadsDoesNotKeepSignalsFromIt) {
  Programs programs;
  Fake fake({.environment = programs.Behind(programs.Script("exec cat /dev/zero"))});
  ASSERT_GT(UpstreamOf(fake), 0);
  EXPECT_TRUE(fake.process().LivesFor(kAWhile));
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGTERM));
}

TEST(UpstreamStartTest, AClosedStdoutIsPassedOn) {
  Programs programs;
  Fake fake({.environment =
                 programs.Behind(programs.Script("echo starting; exec sleep 1000 >/dev/null"))});
  EXPECT_TRUE(fake.process().ReadStdoutUntil("starting\n"));
  EXPECT_TRUE(fake.process().StdoutEnds());
  EXPECT_TRUE(fake.process().LivesFor(kAWhile));
}

TEST(UpstreamStartTest, AnAddressWhereNobodyListensEndsEachConnection) {
  Programs programs;
  Fake fake({.environment =
                 programs.Behind(programs.Script("echo LISTENING 127.0.0.1:1; exec sleep 1000"))});
  Process client({.program = "openssl", .arguments = ClientArguments(fake, fake.ReadPort())});
  EXPECT_TRUE(client.Wait());
  EXPECT_TRUE(fake.WaitForEntry([](const v1::JournalEntry& entry) {
    return entry.upstream().error() == "Connection refused";
  }));
  EXPECT_TRUE(fake.process().LivesFor(kAWhile));
}

TEST(UpstreamStartTest, AStrangersTlsEndsEachConnection) {
  Programs programs;
  Process mint(
      {.program = FakePath(), .arguments = {"--mint-tls", programs.directory() / "other"}});
  ASSERT_EQ(mint.Wait(), Ended::WithCode(0));
  const std::string other = programs.directory() / "other/";
  const std::string program =
      programs.Script("exec " + FakePath() + " --tls-ca " + other + "ca.pem --tls-cert " + other +
                      "cert.pem --tls-key " + other + "key.pem");
  Fake fake({.environment = programs.Behind(program)});
  Process client({.program = "openssl", .arguments = ClientArguments(fake, fake.ReadPort())});
  EXPECT_TRUE(fake.WaitForEntry([](const v1::JournalEntry& entry) {
    return entry.upstream().error() == "self-signed certificate in certificate chain" ||
           entry.upstream().error() == "unable to get local issuer certificate" ||
           entry.upstream().error() == "certificate signature failure";
  }));
}

/// Nothing on stdout, exit status 2, and why.
void ExpectBadInput(const FakeSettings& settings, const std::string& why) {
  Fake fake(settings);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(2));
  EXPECT_EQ(fake.process().Stdout(), "");
  EXPECT_THAT(fake.process().Stderr(), HasSubstr(why));
}

TEST(UpstreamStartTest, WhatCannotBeExecutedIsBadInput) {
  Programs programs;
  const TemporaryDirectory& directory = programs.directory();
  ExpectBadInput({.environment = programs.Behind(directory / "none")},
                 "upstream.path: " + (directory / "none") + ": No such file or directory");
  ExpectBadInput({.environment = programs.Behind(directory.path())},
                 "upstream.path: " + directory.path() + ": Permission denied");
  std::ofstream(directory / "plain") << "x";
  ExpectBadInput({.environment = programs.Behind(directory / "plain")},
                 "upstream.path: " + (directory / "plain") + ": Permission denied");
  std::filesystem::permissions(directory / "plain", std::filesystem::perms::owner_all);
  ExpectBadInput({.environment = programs.Behind(directory / "plain")},
                 "upstream.path: " + (directory / "plain") + ": Exec format error");
  ExpectBadInput({.environment = programs.Behind("zlayer-buildd")},
                 "ZLAYER_FAKE_UPSTREAM: honest: upstream.path: must have a slash");
  ExpectBadInput({.environment = programs.Behind("")},
                 "ZLAYER_FAKE_UPSTREAM: honest: upstream.path: is not set");
  EXPECT_THAT(programs.Left(), IsEmpty());
}

TEST(UpstreamStartTest, FaultsOfTheServiceAreRefusedWithTheVariable) {
  Programs programs;
  Fake fake(
      {.plan = "fault { build_end { how: TWICE } }", .environment = programs.Behind(FakePath())});
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(2));
  EXPECT_THAT(
      fake.process().Stderr(),
      HasSubstr("plan.txtpb: fault[0].build_end: cannot fire: it acts inside the fake's own "
                "service, and upstream takes its place"));
}

TEST(UpstreamStartTest, APathThatLeadsBackToTheFakeEndsAtItsSecondStart) {
  TemporaryDirectory directory;
  const std::string program = directory / "zlayer-buildd";
  std::filesystem::create_symlink(FakePath(), program);
  std::ofstream(directory / "zlayer-buildd.plan") << "upstream { path: \"" << program << "\" }";
  Fake fake({.program = program});
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(2));
  EXPECT_THAT(fake.process().Stderr(), HasSubstr("upstream: this fake is the upstream of another"));
}

TEST(UpstreamStartTest, TheSecondRunOfALauncherStartsIt) {
  Programs programs;
  Fake fake({.plan = "fault { re_exec { how: FORK } }",
             .environment = programs.Behind(programs.FakeWith(""))});
  AwaitServing(fake, programs);
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
  EXPECT_THAT(programs.Left(), IsEmpty());
}

}  // namespace
}  // namespace zlayer::fakes
