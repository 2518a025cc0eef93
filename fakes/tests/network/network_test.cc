// Network faults that delay or withhold bytes, seen by openssl and by a plain socket.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <regex>

#include "fakes/tests/network/raw_socket.h"
#include "fakes/tests/tls/openssl_client.h"

namespace zlayer::fakes {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;

/// A fake in plaintext, which sends its SETTINGS as soon as a client connects.
Fake TalkingFake(const std::string& faults) {
  return Fake({.plan = "fault { tls_off {} } " + faults});
}

TEST(LatencyTest, DelaysEachDirectionThatIsAskedFor) {
  const std::pair<const char*, milliseconds> least[] = {{"", milliseconds(300)},
                                                        {"direction: UP", milliseconds(300)},
                                                        {"direction: BOTH", milliseconds(600)}};
  for (const auto& [direction, delay] : least) {
    Fake fake({.plan = std::string("fault { latency { latency_ms: 300 ") + direction + " } }"});
    const std::string port = fake.ReadPort();
    EXPECT_FALSE(fake.HasFired("latency"));
    const Seen seen = RunOpenssl(ClientArguments(fake, port));
    EXPECT_EQ(seen.ended, Ended::WithCode(0)) << seen.output;
    EXPECT_GE(seen.took, delay) << direction;
    EXPECT_TRUE(fake.HasFired("latency"));
  }
}

TEST(LatencyTest, JitterKeepsTheOrderOfBytes) {
  Fake fake({.plan = "seed: 7 fault { latency { latency_ms: 40 jitter_ms: 40 direction: BOTH } }"
                     "fault { slicer { average_size: 20 direction: BOTH } }"
                     "fault { latency { latency_ms: 40 jitter_ms: 40 direction: BOTH } }"});
  const Seen seen = RunOpenssl(ClientArguments(fake, fake.ReadPort()));
  EXPECT_EQ(seen.ended, Ended::WithCode(0)) << seen.output;
  EXPECT_THAT(seen.output, HasSubstr("Verify return code: 0 (ok)"));
  EXPECT_TRUE(fake.HasFired("slicer"));
}

TEST(BandwidthTest, BytesTakeTheirTime) {
  Fake fake({.plan = "fault { bandwidth { rate_kb_s: 2 } }"});
  const Seen seen = RunOpenssl(ClientArguments(fake, fake.ReadPort()));
  EXPECT_EQ(seen.ended, Ended::WithCode(0)) << seen.output;
  std::smatch read;
  ASSERT_TRUE(std::regex_search(seen.output, read, std::regex("has read ([0-9]+) bytes")));
  const int bytes = std::stoi(read[1]);
  EXPECT_GT(bytes, 800);
  EXPECT_GE(seen.took, milliseconds(bytes / 2));
  EXPECT_TRUE(fake.HasFired("bandwidth"));
}

TEST(SlicerTest, SlicesAreApart) {
  Fake fake({.plan = "fault { slicer { average_size: 100 delay_us: 40000 } }"});
  const Seen seen = RunOpenssl(ClientArguments(fake, fake.ReadPort()));
  EXPECT_EQ(seen.ended, Ended::WithCode(0)) << seen.output;
  EXPECT_GE(seen.took, milliseconds(12 * 40));  // at least 1,300 bytes in slices of 100
  EXPECT_TRUE(fake.HasFired("slicer"));
}

TEST(SlowCloseTest, TheEndComesLate) {
  Fake fake({.plan = "fault { slow_close { delay_ms: 400 } }"});
  const fixture::UniqueFd client = Dial(fake.ReadPort());
  const auto begin = steady_clock::now();
  SendAll(client.get(), "this is no TLS at all\n");
  EXPECT_EQ(Receive(client.get()).error, 0);
  EXPECT_GE(steady_clock::now() - begin, milliseconds(400));
  EXPECT_TRUE(fake.HasFired("slow_close"));
}

TEST(TimeoutTest, NothingComesUntilTheConnectionIsClosed) {
  Fake fake = TalkingFake("fault { timeout { timeout_ms: 400 } }");
  const std::string port = fake.ReadPort();
  const auto begin = steady_clock::now();
  const fixture::UniqueFd client = Dial(port);
  const Received received = Receive(client.get());
  EXPECT_EQ(received.bytes, "");
  EXPECT_EQ(received.error, 0);
  EXPECT_GE(steady_clock::now() - begin, milliseconds(400));
  EXPECT_TRUE(fake.HasFired("timeout"));
}

TEST(TimeoutTest, ForEverLastsUntilTheDaemonStops) {
  Fake fake = TalkingFake("fault { timeout { after_bytes: 9 } }");
  const fixture::UniqueFd client = Dial(fake.ReadPort());
  EXPECT_EQ(Receive(client.get(), 9).bytes.size(), 9u);
  EXPECT_TRUE(fake.WaitForFault("timeout"));
  EXPECT_EQ(Receive(client.get(), 1, milliseconds(300)).error, ETIMEDOUT);
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
}

TEST(ComposedTest, TheFirstIsNextToTheClient) {
  for (const bool limit_first : {false, true}) {
    const std::string limit = "fault { limit_data { bytes: 5 } }";
    const std::string timeout = "fault { timeout {} }";
    Fake fake = TalkingFake(limit_first ? limit + timeout : timeout + limit);
    const fixture::UniqueFd client = Dial(fake.ReadPort());
    EXPECT_TRUE(fake.WaitForFault("timeout"));
    EXPECT_EQ(fake.HasFired("limit_data"), !limit_first);
  }
}

struct BadPlan {
  const char* fault;
  const char* error;
};

TEST(NetworkPlanTest, SenselessValuesAreNamed) {
  const BadPlan plans[] = {
      {"latency {}", "latency.latency_ms: must be above 0"},
      {"latency { latency_ms: 5 jitter_ms: 6 }", "latency.jitter_ms: must not be above latency_ms"},
      {"bandwidth {}", "bandwidth.rate_kb_s: must be above 0; timeout lets nothing pass"},
      {"slicer {}", "slicer.average_size: must be above 0"},
      {"slicer { average_size: 5 size_variation: 5 }",
       "slicer.size_variation: must be below average_size"},
      {"slow_close {}", "slow_close.delay_ms: must be above 0"},
      {"never_accept {} } fault { latency { latency_ms: 1 }",
       "latency: cannot fire: fault[0].never_accept ends the start before it"},
      {"down {} } fault { timeout {}",
       "timeout: cannot fire: fault[0].down ends the start before it"},
      {"accept_and_never_read {} } fault { limit_data { bytes: 1 }",
       "limit_data: cannot fire: fault[0].accept_and_never_read ends the start before it"}};
  for (const BadPlan& plan : plans) {
    Fake fake({.plan = std::string("fault { ") + plan.fault + " }"});
    EXPECT_EQ(fake.process().Wait(), Ended::WithCode(2));
    EXPECT_THAT(fake.process().Stderr(), HasSubstr(plan.error));
  }
}

}  // namespace
}  // namespace zlayer::fakes
