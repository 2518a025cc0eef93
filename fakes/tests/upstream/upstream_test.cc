// Faults in front of another daemon: everything that no fault changes passes, in both directions.
// The other daemon is a fake, too, because it tells in a journal of its own what it was given.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>

#include "fakes/tests/grpc/service_client.h"
#include "fakes/tests/upstream/programs.h"

namespace zlayer::fakes {
namespace {

using buildah_sidecar::v1::BuildEvent;
using buildah_sidecar::v1::BuildRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A build of one log line of 100 bytes, 1,000 times, and its end.
constexpr char kLongBuild[] =
    "build { log_bytes: 100 repeat: 1000 } build { event { finished { image_id: \"i\" } } }";

constexpr int kLongBuildEvents = 1001;

struct Outcome {
  int events = 0;
  grpc::Status status;
};

Outcome TryToBuild(Service& service, const std::string& id) {
  const auto context = NewContext();
  const auto reader = service.stub().Build(context.get(), RequestOf(id));
  Outcome outcome;
  for (BuildEvent event; reader->Read(&event);) ++outcome.events;
  outcome.status = reader->Finish();
  return outcome;
}

TEST(UpstreamTest, CarriesABuildToIt) {
  Programs programs;
  Service service({.environment = programs.Behind(programs.FakeWith(kLongBuild))});
  const Outcome outcome = TryToBuild(service, "carried");
  EXPECT_TRUE(outcome.status.ok()) << outcome.status.error_message();
  EXPECT_EQ(outcome.events, kLongBuildEvents);
  EXPECT_TRUE(programs.WaitForEntry([](const v1::JournalEntry& entry) {
    return entry.rpc_started().detail().find("carried") != std::string::npos;
  }));
}

TEST(UpstreamTest, JournalsItsStartItsLineAndItsEnd) {
  Programs programs;
  Fake fake({.environment = programs.Behind(programs.FakeWith(""))});
  AwaitServing(fake, programs);
  const pid_t pid = UpstreamOf(fake);
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
  std::vector<v1::UpstreamSeen> seen;
  for (const v1::JournalEntry& entry : fake.Journal()) {
    if (entry.has_upstream()) seen.push_back(entry.upstream());
  }
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0].child_pid(), pid);
  EXPECT_THAT(seen[1].line(), ::testing::MatchesRegex("LISTENING 127\\.0\\.0\\.1:[0-9]+\n"));
  for (const v1::JournalEntry& entry : fake.Journal()) {
    EXPECT_NE(entry.listening().address(), seen[1].address());
  }
  EXPECT_EQ("LISTENING " + seen[1].address() + "\n", seen[1].line());
  EXPECT_TRUE(seen[2].ended());
}

TEST(UpstreamTest, TheBuildGoesThroughLatencyAndAResetInItsMiddle) {
  Programs programs;
  Service service({.plan = "fault { latency { latency_ms: 30 } }"
                           "fault { when { times: 1 } reset_after { bytes: 20000 } }",
                   .environment = programs.Behind(programs.FakeWith(kLongBuild))});
  const auto begun = std::chrono::steady_clock::now();
  const Outcome reset = TryToBuild(service, "reset");
  EXPECT_EQ(reset.status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_GT(reset.events, 0);
  EXPECT_LT(reset.events, kLongBuildEvents);
  EXPECT_TRUE(service.fake().HasFired("latency"));
  EXPECT_TRUE(service.fake().HasFired("reset_after"));
  // Down: the handshake, and the answer.
  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(60));
  const Outcome whole = TryToBuild(service, "whole");
  EXPECT_TRUE(whole.status.ok()) << whole.status.error_message();
  EXPECT_EQ(whole.events, kLongBuildEvents);
}

struct OnItsWay {
  std::string kind;
  std::string attributes;
  bool harmless = false;
};

class FaultInFrontTest : public ::testing::TestWithParam<OnItsWay> {};

TEST_P(FaultInFrontTest, ChangesRealTraffic) {
  const OnItsWay& fault = GetParam();
  Programs programs;
  Service service({.plan = "fault { " + fault.kind + " { " + fault.attributes + " } }",
                   .environment = programs.Behind(programs.FakeWith(kLongBuild))});
  const auto context = NewContext();
  context->set_wait_for_ready(false);  // a refused handshake is an answer
  const auto reader = service.stub().Build(context.get(), RequestOf("a"));
  int events = 0;
  for (BuildEvent event; reader->Read(&event);) ++events;
  const bool is_whole = reader->Finish().ok() && events == kLongBuildEvents;
  EXPECT_EQ(is_whole, fault.harmless) << events;
  EXPECT_TRUE(service.fake().WaitForFault(fault.kind));
}

INSTANTIATE_TEST_SUITE_P(
    AtEveryLayer, FaultInFrontTest,
    ::testing::Values(OnItsWay{"slicer", "average_size: 100", true},
                      OnItsWay{"bandwidth", "rate_kb_s: 2000", true},
                      OnItsWay{"limit_data", "bytes: 9000"}, OnItsWay{"down", ""},
                      OnItsWay{"tls_certificate", "defect: EXPIRED"},
                      OnItsWay{"tls_refuse_client", "reason: REVOKED"}, OnItsWay{"tls_off", ""},
                      OnItsWay{"tls_handshake", "at: FINISHED how: GARBAGE"},
                      OnItsWay{"http2_rst_stream", "at: IN_DATA code: 8"},
                      OnItsWay{"http2_header_block", "defect: BAD_INDEX"},
                      OnItsWay{"http2_header_block", "defect: SPLIT", true},
                      OnItsWay{"rpc", "method: \"Build\" code: 8 message: \"full\""},
                      OnItsWay{"grpc_headers", "http_status: 503"},
                      OnItsWay{"grpc_message", "defect: HUGE"}),
    [](const auto& tested) { return tested.param.kind + "_" + std::to_string(tested.index); });

TEST(UpstreamTest, GetsTheFakesArgumentsButAPortOfItsOwn) {
  Programs programs;
  const std::string program = programs.FakeWith("");
  Fake fake({.arguments = {"--idle-secs", "77", "--storage-driver=overlay"},
             .environment = programs.Behind(program)});
  EXPECT_NE(fake.ReadPort(), "");
  std::vector<std::string> given;
  for (const v1::JournalEntry& entry : programs.Journal()) {
    if (entry.has_started()) {
      given.assign(entry.started().argv().begin() + 1, entry.started().argv().end());
    }
  }
  EXPECT_THAT(given,
              ElementsAre("--bind", "127.0.0.1:0", "--tls-ca", fake.tls("ca.pem"), "--tls-cert",
                          fake.tls("cert.pem"), "--tls-key", fake.tls("key.pem"), "--idle-secs",
                          "77", "--storage-driver=overlay"));
}

TEST(UpstreamTest, GetsNoVariableOfTheFakeButTheMark) {
  Programs programs;
  const std::string seen = programs.directory() / "environment";
  Fake fake({.environment = programs.Behind(programs.FakeWith("", "env > " + seen))});
  EXPECT_NE(fake.ReadPort(), "");
  std::ifstream file(seen);
  std::vector<std::string> of_the_fake;
  bool has_the_tests = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("ZLAYER_FAKE_")) of_the_fake.push_back(line);
    has_the_tests = has_the_tests || line.starts_with("UPSTREAM_TEST=");
  }
  EXPECT_THAT(of_the_fake,
              ElementsAre("ZLAYER_FAKE_UPSTREAM_OF=" + std::to_string(fake.process().pid())));
  EXPECT_TRUE(has_the_tests);
}

TEST(UpstreamTest, ThePlanCanNameIt) {
  Programs programs;
  Service service({.plan = "upstream { path: \"" + programs.FakeWith(kLongBuild) + "\" }"});
  EXPECT_EQ(TryToBuild(service, "a").events, kLongBuildEvents);
}

TEST(UpstreamTest, APresetsPathIsAnUpstreamWithAFaultOfItsOwn) {
  Process path({.program = FakePath(), .arguments = {"--path", "build-fails"}});
  ASSERT_EQ(path.Wait(), Ended::WithCode(0));
  std::string preset = path.Stdout();
  preset.pop_back();
  Service service({.plan = "fault { slicer { average_size: 50 } }",
                   .environment = {{"ZLAYER_FAKE_UPSTREAM", preset}}});
  const auto events = service.Build(RequestOf("a"));
  ASSERT_FALSE(events.empty());
  EXPECT_TRUE(events.back().has_error());
  EXPECT_TRUE(service.fake().HasFired("slicer"));
}

TEST(UpstreamTest, VersionIsItsOwn) {
  Programs programs;
  const std::string program =
      programs.Script("echo \"$@\"; echo '{\"sidecar_version\":\"9\"}'; exit 3");
  Process version(
      {.program = FakePath(), .arguments = {"--version"}, .environment = programs.Behind(program)});
  EXPECT_EQ(version.Wait(), Ended::WithCode(3));
  EXPECT_EQ(version.Stdout(), "--version\n{\"sidecar_version\":\"9\"}\n");
}

TEST(UpstreamTest, WhatItPrintsBehindItsLineIsPassedOn) {
  Programs programs;
  Fake fake({.environment = programs.Behind(
                 programs.FakeWith("fault { flood { stream: STDOUT phase: LINE bytes: 800 } }"))});
  EXPECT_NE(fake.ReadPort(), "");
  std::string flood;
  for (int i = 0; i < 10; ++i) flood += std::string(79, 'x') + "\n";
  EXPECT_TRUE(fake.process().ReadStdoutUntil(flood));
}

TEST(UpstreamTest, StderrIsItsOwn) {
  Programs programs;
  Fake fake({.environment = programs.Behind(programs.FakeWith("", "echo from upstream >&2"))});
  EXPECT_NE(fake.ReadPort(), "");
  EXPECT_THAT(fake.process().ReadStderrUntil("\n"),
              ::testing::Optional(std::string("from upstream\n")));
}

TEST(UpstreamTest, ACrashInABuildSendsNoCloseNotify) {
  Programs programs;
  Fake fake({.environment = programs.Behind(
                 programs.FakeWith("fault { exit { phase: SERVING signal: 9 delay_ms: 700 } }"))});
  auto arguments = ClientArguments(fake, fake.ReadPort());
  arguments.push_back("-ign_eof");
  Process client({.program = "openssl", .arguments = arguments});
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGKILL));
  client.Wait();
  EXPECT_THAT(client.Stderr(), HasSubstr("unexpected eof"));
}

}  // namespace
}  // namespace zlayer::fakes
