// Daemons that are alive and do not listen: not yet (`early_line`), or no more (`close_listener`).

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdint>
#include <fstream>

#include "fakes/tests/grpc/service_client.h"
#include "fakes/tests/network/raw_socket.h"
#include "fakes/tests/tls/openssl_client.h"

namespace zlayer::fakes {
namespace {

using buildah_sidecar::v1::BuildService;
using buildah_sidecar::v1::HealthResponse;

void ExpectServes(Fake& fake, const std::string& port) {
  const Seen seen = RunOpenssl(ClientArguments(fake, port));
  EXPECT_EQ(seen.ended, Ended::WithCode(0)) << seen.output;
}

bool Answers(Service& service) {
  HealthResponse response;
  return service.Call(&BuildService::Stub::Health, {}, &response).ok();
}

TEST(EarlyLineTest, ConnectionsAreRefusedUntilItListens) {
  Fake fake({.plan = "fault { early_line { delay_ms: 1500 } }"});
  const auto line = fake.process().ReadStdoutUntil("\n");
  ASSERT_TRUE(line);
  const std::string port = line->substr(line->rfind(':') + 1, line->size() - line->rfind(':') - 2);
  EXPECT_FALSE(Dial(port));
  ASSERT_TRUE(
      fake.WaitForEntry([](const v1::JournalEntry& entry) { return entry.has_listening(); }));
  ExpectServes(fake, port);
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
  EXPECT_EQ(fake.process().Stdout(), "LISTENING 127.0.0.1:" + port + "\n");
}

TEST(EarlyLineTest, SigtermWhileItWaitsKillsIt) {
  Fake fake({.plan = "fault { early_line { delay_ms: 30000 } }"});
  ASSERT_NE(fake.ReadPort(), "");
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGTERM));
}

TEST(CloseListenerTest, NewConnectionsAreRefusedAndOldOnesServed) {
  Service service({.plan = "fault { when { after_rpcs: 1 } close_listener {} }"});
  EXPECT_TRUE(Answers(service));
  ASSERT_TRUE(service.fake().WaitForFault("close_listener"));
  EXPECT_FALSE(Dial(service.port()));
  EXPECT_TRUE(Answers(service));
  service.fake().process().Kill(SIGTERM);
  EXPECT_EQ(service.fake().process().Wait(), Ended::WithCode(0));
}

TEST(CloseListenerTest, ListensAgainOnTheSamePort) {
  Service service({.plan = "fault { when { after_rpcs: 1 } close_listener { reopen_ms: 200 } }"});
  EXPECT_TRUE(Answers(service));
  ASSERT_TRUE(service.fake().WaitForFault("close_listener"));
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!Dial(service.port())) ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  ExpectServes(service.fake(), service.port());
  EXPECT_TRUE(Answers(service));
}

/// Processor time of the thread that accepts.
std::int64_t CpuNs(Fake& fake) {
  std::ifstream stat("/proc/" + std::to_string(fake.process().pid()) + "/schedstat");
  std::int64_t on_cpu_ns = 0;
  EXPECT_TRUE(stat >> on_cpu_ns);
  return on_cpu_ns;
}

TEST(CloseListenerTest, UsesNoProcessorWhileClosed) {
  Fake fake({.plan = "fault { close_listener {} }"});
  ASSERT_NE(fake.ReadPort(), "");
  ASSERT_TRUE(fake.WaitForFault("close_listener"));
  const std::int64_t before = CpuNs(fake);
  EXPECT_TRUE(fake.process().LivesFor(std::chrono::milliseconds(300)));
  EXPECT_LT(CpuNs(fake) - before, 100'000'000);
}

}  // namespace
}  // namespace zlayer::fakes
