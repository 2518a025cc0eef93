// A thousand connections at once: each is served or refused, and the fake lives.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <deque>

#include "fakes/tests/grpc/health_call.h"
#include "fakes/tests/tls/tls_client.h"

namespace zlayer::fakes {
namespace {

constexpr int kConnections = 1'000;

/// Opens the connections one after the other, keeps all of them, and calls Health on each.
struct Crowd {
  Crowd(const Fake& fake, const std::string& port, int size) {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    const auto context = TlsClient::Context(fake);
    for (int i = 0; i < size; ++i) {
      TlsClient& client = clients.emplace_back(context.get(), port);
      if (!client.connected()) continue;
      if (client.Write(HealthCall()) && client.ReadUntil(kServing)) ++served;
    }
  }

  std::deque<TlsClient> clients;
  int served = 0;
};

void ExpectAlive(Fake& fake, const std::string& port) {
  const Crowd again(fake, port, 1);
  EXPECT_EQ(again.served, 1);
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0)) << fake.process().Stderr();
}

long Refused(const Fake& fake) {
  const auto entries = fake.Journal();
  return std::count_if(entries.begin(), entries.end(), [](const v1::JournalEntry& entry) {
    return entry.tls().reason().starts_with("closed: no memory");
  });
}

TEST(ManyConnectionsTest, AThousandAreServed) {
  Fake fake;
  const std::string port = fake.ReadPort();
  {
    const Crowd crowd(fake, port, kConnections);
    EXPECT_EQ(crowd.served, kConnections) << Refused(fake) << " were refused";
  }
  ExpectAlive(fake, port);
}

#ifndef ZLAYER_SANITIZED  // nothing bounds the memory of a sanitized fake
TEST(ManyConnectionsTest, WithLittleMemoryTheRestIsRefused) {
  // Each connection of this plan needs three threads.
  Fake fake({.plan = "memory_mib: 128 fault { latency { latency_ms: 1 } } "
                     "fault { when { skip: 100000 } http2_ping { how: NEVER_ACKED } }"});
  const std::string port = fake.ReadPort();
  {
    const Crowd crowd(fake, port, kConnections);
    EXPECT_GT(crowd.served, 100);
    EXPECT_LT(crowd.served, kConnections);
    EXPECT_EQ(crowd.served + Refused(fake), kConnections);
  }
  ExpectAlive(fake, port);
}
#endif

}  // namespace
}  // namespace zlayer::fakes
