// A request that is wrong, or whose fault cannot happen any more, gets one line that says why, and
// changes nothing. A client that misbehaves holds up nobody.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "fakes/tests/control/control_client.h"
#include "fakes/tests/fixture/fake.h"
#include "fakes/tests/network/raw_socket.h"

namespace zlayer::fakes {
namespace {

using ::testing::HasSubstr;

constexpr char kNothing[] = R"({"shown":{"plan":{"seed":"1"}}})";

class BadRequestTest : public ::testing::Test {
 protected:
  BadRequestTest() {
    // It serves when it has accepted a connection; the line comes a moment before.
    const fixture::UniqueFd first = Dial(fake_.ReadPort());
    EXPECT_TRUE(fake_.WaitForEntry([](const auto& entry) { return entry.has_accepted(); }));
  }

  std::string Show() { return ControlClient(fake_.ControlPath()).Ask(R"({"show":{}})"); }

  Fake fake_{{.plan = "seed: 1", .control = true}};
};

TEST_F(BadRequestTest, IsOneErrorLineAndChangesNothing) {
  const std::pair<const char*, const char*> table[] = {
      {"", "request: must be one line of JSON, such as {\\\"show\\\":{}}"},
      {"show {}", "request: must be one line of JSON, such as {\\\"show\\\":{}}"},
      {"{}",
       "request: no request is set; valid: show, replace, arm, disarm, release, follow, quit"},
      {R"({"amr":{}})",
       R"(request: unknown field \"amr\" in ControlRequest; did you mean \"arm\"?)"},
      {R"({"arm":{"rcp":{}}})",
       R"(request: unknown field \"rcp\" in Fault; did you mean \"rpc\"?)"},
      {R"({"arm":{"rpc":{"code":17}}})", "request: arm.rpc.code: must be a gRPC status, 1 to 16"},
      {R"({"arm":{"exit":{"phase":15}}})",
       "request: arm.exit.phase: unknown value 15; valid: START, BOUND, LINE, SERVING"},
      {R"({"arm":{"when":{"probability":2},"down":{}}})",
       "request: arm.when.probability: must be above 0 and at most 1"},
      {R"({"arm":{"hang":{"phase":"LINE"}}})",
       "request: arm.hang: cannot happen any more: it acts in the start, which is past that phase"},
      {R"({"arm":{"handshake_bytes":{"text":"x"}}})",
       "request: arm.handshake_bytes: cannot happen any more: it acts in the start, which is past "
       "that phase"},
      {R"({"arm":{"version_output":{}}})",
       "request: arm.version_output: acts in a run with --version only"},
      {R"({"arm":{"when":{"launches":1},"down":{}}})",
       "request: arm.when: launches are not counted; set ZLAYER_FAKE_STATE to a directory for the "
       "count"},
      {R"({"arm":{"take_memory":{"mib":200}}})",
       "request: arm: memory_mib: must be at least 264 for what take_memory takes"},
      {R"({"replace":{"memory_mib":100}})",
       "request: replace.memory_mib: is a setting of the start and cannot change"},
      {R"({"replace":{"fault":[{"down":{}},{"exit":{"phase":"BOUND"}}]}})",
       "request: replace.fault[0].down: cannot fire: fault[1].exit ends the start before it"},
      {R"({"replace":{"fault":[{"exit":{"phase":"BOUND"}}]}})",
       "request: replace.fault[0].exit: cannot happen any more: it acts in the start, which is "
       "past "
       "that phase"},
      {R"({"replace":{"build":[{}]}})",
       "request: replace.build[0]: none of event, hold, raw, log_bytes and commit is set"},
      {R"({"disarm":{}})", "request: disarm: none of kind, index and all is set"},
      {R"({"disarm":{"kind":"lateny"}})",
       R"(request: disarm.kind: unknown fault \"lateny\"; did you mean \"latency\"?)"},
      {R"({"disarm":{"kind":"latency"}})", "request: disarm.kind: no fault latency is armed"},
      {R"({"disarm":{"index":3}})", "request: disarm.index: no fault 3 is armed"},
      {R"({"quit":{"code":256}})", "request: quit.code: must be 0 to 255"},
  };
  ControlClient control(fake_.ControlPath());
  for (const auto& [request, error] : table) {
    EXPECT_EQ(control.Ask(request), std::string("{\"error\":\"") + error + "\"}");
    EXPECT_EQ(Show(), kNothing) << request;
  }
}

TEST_F(BadRequestTest, TwoFaultsOfOnePlaceAreRefused) {
  ControlClient control(fake_.ControlPath());
  control.Ask(R"({"arm":{"ignore_signals":{}}})");
  EXPECT_EQ(control.Ask(R"({"arm":{"stop_self":{}}})"),
            R"({"error":"request: arm.stop_self: cannot be armed together with ignore_signals )"
            R"((index 0); disarm that first"})");
}

TEST_F(BadRequestTest, BytesWithoutAnEndAreRefusedAndHoldUpNobody) {
  ControlClient endless(fake_.ControlPath());
  const std::string more(64 * 1024, 'x');
  bool sent = true;
  for (int i = 0; i < 1000 && sent; ++i) {
    pollfd writable[] = {{.fd = endless.fd(), .events = POLLOUT, .revents = 0}};
    sent = WaitReadable(writable, Clock::now() + kPatience) && endless.Send(more);
    if (i % 8 == 0) {
      EXPECT_EQ(Show(), kNothing);
    }
  }
  EXPECT_THAT(endless.NextLine(), HasSubstr("is longer than 1 MiB"));
}

TEST_F(BadRequestTest, AClientThatNeverReadsHoldsUpNobody) {
  ControlClient deaf(fake_.ControlPath());
  std::string requests;
  for (int i = 0; i < 1000; ++i) requests += "{\"show\":{}}\n";
  while (deaf.Send(requests)) {
  }
  EXPECT_EQ(Show(), kNothing);
}

TEST_F(BadRequestTest, AFollowerThatNeverReadsIsDisconnected) {
  ControlClient deaf(fake_.ControlPath());
  EXPECT_EQ(deaf.Ask(R"({"follow":{}})"), R"({"following":{}})");
  ControlClient other(fake_.ControlPath());
  const std::string request = "{\"shwo\":\"" + std::string(4'000, 'x') + "\"}";
  for (int i = 0; i < 1'000; ++i) EXPECT_THAT(other.Ask(request), HasSubstr("unknown field"));
  std::string line = deaf.NextLine();
  for (std::string next; !(next = deaf.NextLine()).empty();) line = next;
  EXPECT_NE(line, "");
}

TEST_F(BadRequestTest, ACrowdOfClientsKeepsNobodyOut) {
  std::vector<std::unique_ptr<ControlClient>> crowd;
  for (int i = 0; i < 200; ++i) {
    crowd.push_back(std::make_unique<ControlClient>(fake_.ControlPath()));
  }
  EXPECT_EQ(Show(), kNothing);
}

TEST_F(BadRequestTest, TheShellCommandSaysWhyAndExitsWithStatus2) {
  const auto run = [&](const std::string& path, const std::string& request) {
    Process shell({.program = FakePath(), .arguments = {"--control", path, request}});
    EXPECT_EQ(shell.Wait(), Ended::WithCode(2));
    EXPECT_EQ(shell.Stdout(), "");
    return shell.Stderr();
  };
  EXPECT_EQ(run(fake_.ControlPath(), "arm { dwon {} }"),
            "fake-zlayer-buildd: --control: request:1: unknown field \"dwon\" in Fault; did you "
            "mean \"down\"?\n");
  EXPECT_EQ(run(fake_.ControlPath(), R"({"arm":{"dwon":{}}})"),
            "fake-zlayer-buildd: --control: request: unknown field \"dwon\" in Fault; did you mean "
            "\"down\"?\n");
  EXPECT_EQ(run("/nonexistent/control", "show {}"),
            "fake-zlayer-buildd: --control: /nonexistent/control: no fake answers there: No such "
            "file or directory\n");
}

}  // namespace
}  // namespace zlayer::fakes
