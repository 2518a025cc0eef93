// Network faults that end connections, or never let them begin.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "fakes/tests/network/raw_socket.h"
#include "fakes/tests/tls/openssl_client.h"

namespace zlayer::fakes {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;

/// Connects a plain socket and reads all that the fake sends. In plaintext the fake sends first:
/// its SETTINGS.
Received TakeAll(Fake& fake) { return Receive(Dial(fake.ReadPort()).get()); }

std::string WithoutTls(const std::string& fault) {
  return "fault { tls_off {} } fault { " + fault + " }";
}

/// The bytes of an RPC, a Cancel with an empty id: preface, SETTINGS, HEADERS (HPACK literals that
/// enter no table), DATA.
std::string CancelCall() {
  using namespace std::string_literals;
  const std::string path = "/zlayer.buildah_sidecar.v1.BuildService/Cancel";
  const std::string headers = "\x83\x86\x04"s + static_cast<char>(path.size()) + path +
                              "\x01\x01x\x0f\x10\x10" + "application/grpc" +
                              "\x00\x02te\x08trailers"s;
  return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"s + "\0\0\0\x04\0\0\0\0\0"s + "\0\0"s +
         static_cast<char>(headers.size()) + "\x01\x04\0\0\0\x01"s + headers +
         "\0\0\x05\0\x01\0\0\0\x01"s + "\0\0\0\0\0"s;
}

bool StartsRpc(Fake& fake) {
  return fake.WaitForEntry([](const v1::JournalEntry& entry) { return entry.has_rpc_started(); });
}

TEST(LimitDataTest, ClosesBehindTheLastByteWithoutCloseNotify) {
  Fake plain({.plan = WithoutTls("limit_data { bytes: 11 }")});
  const Received received = TakeAll(plain);
  EXPECT_EQ(received.bytes.size(), 11u);
  EXPECT_EQ(received.error, 0);
  EXPECT_TRUE(plain.HasFired("limit_data"));
  for (const char* direction : {"DOWN", "UP"}) {
    Fake fake(
        {.plan = std::string("fault { limit_data { bytes: 200 direction: ") + direction + " } }"});
    const Seen seen = RunOpenssl(ClientArguments(fake, fake.ReadPort()));
    EXPECT_EQ(seen.ended, Ended::WithCode(1)) << direction;
    EXPECT_THAT(seen.output, HasSubstr("unexpected eof while reading"));
    EXPECT_TRUE(fake.HasFired("limit_data"));
  }
}

TEST(LimitDataTest, OneThatIsNotReachedDoesNotFire) {
  Fake fake({.plan = "fault { limit_data { bytes: 100000 } }"});
  EXPECT_EQ(RunOpenssl(ClientArguments(fake, fake.ReadPort())).ended, Ended::WithCode(0));
  EXPECT_FALSE(fake.HasFired("limit_data"));
}

TEST(ResetAfterTest, ResetsBehindTheLastByte) {
  Fake plain({.plan = WithoutTls("reset_after { bytes: 11 }")});
  const Received received = TakeAll(plain);
  EXPECT_EQ(received.bytes.size(), 11u);
  EXPECT_EQ(received.error, ECONNRESET);
  EXPECT_TRUE(plain.HasFired("reset_after"));
  Fake fake({.plan = "fault { reset_after { bytes: 200 } }"});
  EXPECT_THAT(RunOpenssl(ClientArguments(fake, fake.ReadPort())).output, HasSubstr("errno=104"));
}

TEST(ResetPeerTest, ResetsInsteadOfPassingOn) {
  Fake fake({.plan = WithoutTls("reset_peer { timeout_ms: 300 }")});
  const std::string port = fake.ReadPort();
  const auto begin = steady_clock::now();
  const Received received = Receive(Dial(port).get());
  EXPECT_EQ(received.bytes, "");
  EXPECT_EQ(received.error, ECONNRESET);
  EXPECT_GE(steady_clock::now() - begin, milliseconds(300));
  EXPECT_TRUE(fake.HasFired("reset_peer"));
}

TEST(HalfCloseTest, TheOtherHalfGoesOn) {
  Fake fake({.plan = WithoutTls("half_close { after_bytes: 11 }")});
  const fixture::UniqueFd client = Dial(fake.ReadPort());
  const Received received = Receive(client.get());
  EXPECT_EQ(received.bytes.size(), 11u);
  EXPECT_EQ(received.error, 0);
  EXPECT_TRUE(fake.HasFired("half_close"));
  SendAll(client.get(), CancelCall());
  EXPECT_TRUE(StartsRpc(fake));
}

TEST(HalfCloseTest, UpTheDaemonSeesTheEnd) {
  Fake fake({.plan = "fault { half_close { after_bytes: 20 direction: UP } }"});
  EXPECT_EQ(RunOpenssl(ClientArguments(fake, fake.ReadPort())).ended, Ended::WithCode(1));
  EXPECT_TRUE(fake.HasFired("half_close"));
  EXPECT_TRUE(fake.WaitForEntry(
      [](const v1::JournalEntry& entry) { return entry.has_tls() && !entry.tls().accepted(); }));
}

TEST(DownTest, EveryConnectionIsReset) {
  Fake fake({.plan = "fault { down {} }"});
  const std::string port = fake.ReadPort();
  EXPECT_EQ(Receive(Dial(port).get()).error, ECONNRESET);
  EXPECT_TRUE(fake.HasFired("down"));
  EXPECT_EQ(RunOpenssl(ClientArguments(fake, port)).ended, Ended::WithCode(1));
}

TEST(DownTest, TheNthConnectionOnly) {
  Fake fake({.plan = "fault { when { skip: 1 times: 1 } down {} }"});
  const std::string port = fake.ReadPort();
  EXPECT_EQ(RunOpenssl(ClientArguments(fake, port)).ended, Ended::WithCode(0));
  EXPECT_FALSE(fake.HasFired("down"));
  EXPECT_EQ(RunOpenssl(ClientArguments(fake, port)).ended, Ended::WithCode(1));
  EXPECT_TRUE(fake.HasFired("down"));
  EXPECT_EQ(RunOpenssl(ClientArguments(fake, port)).ended, Ended::WithCode(0));
}

TEST(AcceptAndNeverReadTest, TheClientIsBlockedInTheEnd) {
  Fake fake({.plan = "silent_ms: 2000 fault { accept_and_never_read {} }"});
  const fixture::UniqueFd client = Dial(fake.ReadPort());
  EXPECT_TRUE(fake.WaitForFault("accept_and_never_read"));
  constexpr size_t kMost = 64 << 20;
  EXPECT_LT(SendUntilBlocked(client.get(), kMost, milliseconds(300)), kMost);
  EXPECT_FALSE(Comes(client.get(), POLLIN, milliseconds(0)));  // neither an answer nor an end
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
}

TEST(NeverAcceptTest, TheKernelConnectsAndNobodyAccepts) {
  Fake fake({.plan = "fault { when { skip: 1 } never_accept {} }"});
  const std::string port = fake.ReadPort();
  EXPECT_EQ(RunOpenssl(ClientArguments(fake, port)).ended, Ended::WithCode(0));
  EXPECT_FALSE(fake.HasFired("never_accept"));
  const fixture::UniqueFd client = Dial(port);
  ASSERT_TRUE(client);
  SendAll(client.get(), "this is no TLS at all\n");
  EXPECT_TRUE(fake.WaitForFault("never_accept"));
  EXPECT_EQ(Receive(client.get(), 1, milliseconds(300)).error, ETIMEDOUT);
  for (const auto& entry : fake.Journal()) EXPECT_LE(entry.accepted().connection(), 1u);
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
}

}  // namespace
}  // namespace zlayer::fakes
