// What the journal tells: the number of each connection and RPC, why a connection ended, the signal
// that ends the fake; and what it keeps to itself.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>

#include "fakes/tests/grpc/service_client.h"
#include "fakes/tests/network/raw_socket.h"

namespace zlayer::fakes {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using v1::ConnectionEnded;
using v1::JournalEntry;

/// Waits until connection `number` has ended and returns why.
ConnectionEnded::Why WhyEnded(Fake& fake, std::uint32_t number) {
  ConnectionEnded::Why why = ConnectionEnded::WHY_UNSET;
  EXPECT_TRUE(fake.WaitForEntry([&](const JournalEntry& entry) {
    if (entry.connection_ended().connection() != number) return false;
    why = entry.connection_ended().why();
    return true;
  }));
  return why;
}

void DialTls(const Fake& fake, const std::string& port) {
  Process client({.program = "openssl", .arguments = ClientArguments(fake, port)});
  EXPECT_TRUE(client.Wait());
}

TEST(ConnectionEndTest, IsTheClients) {
  Fake fake;
  DialTls(fake, fake.ReadPort());
  EXPECT_EQ(WhyEnded(fake, 1), ConnectionEnded::CLIENT);
}

TEST(ConnectionEndTest, IsARefusal) {
  Fake fake;
  const fixture::UniqueFd stranger = Dial(fake.ReadPort());
  EXPECT_TRUE(SendAll(stranger.get(), "GET / HTTP/1.1\r\n\r\n"));
  EXPECT_EQ(WhyEnded(fake, 1), ConnectionEnded::REFUSED);
}

TEST(ConnectionEndTest, IsThePlans) {
  for (const char* plan : {"fault { limit_data { bytes: 1000 } }", "fault { down {} }",
                           "fault { reset_peer { after_bytes: 100 } }"}) {
    Fake fake({.plan = plan});
    DialTls(fake, fake.ReadPort());
    EXPECT_EQ(WhyEnded(fake, 1), ConnectionEnded::PLAN) << plan;
  }
}

TEST(ConnectionEndTest, IsTheDaemons) {
  Fake fake;
  const std::string port = fake.ReadPort();
  std::ofstream(fake.directory() / "no-http2") << std::string(64, 'x');
  std::vector<std::string> arguments = ClientArguments(fake, port);
  arguments.insert(arguments.end(), {"-ign_eof", "-nocommands"});
  Process client({.program = "openssl",
                  .arguments = std::move(arguments),
                  .environment = {},
                  .input = fake.directory() / "no-http2"});
  EXPECT_EQ(WhyEnded(fake, 1), ConnectionEnded::DAEMON);
}

TEST(JournalNumbersTest, ACallIsOfItsConnection) {
  Service service({.plan = "fault { rpc { method: \"Inspect\" delay_ms: 1 } }"});
  const auto other = buildah_sidecar::v1::BuildService::NewStub(service.NewChannel());
  const auto inspect = [](buildah_sidecar::v1::BuildService::Stub& stub) {
    buildah_sidecar::v1::InspectResponse response;
    const auto context = NewContext();
    EXPECT_TRUE(stub.Inspect(context.get(), buildah_sidecar::v1::InspectRequest(), &response).ok());
  };
  inspect(service.stub());
  inspect(*other);
  inspect(service.stub());
  std::vector<std::string> seen;
  for (const JournalEntry& entry : service.fake().Journal()) {
    if (entry.has_rpc_started()) {
      const auto& started = entry.rpc_started();
      seen.push_back("started " + std::to_string(started.rpc()) + " on " +
                     std::to_string(started.connection()));
    } else if (entry.has_rpc_ended()) {
      seen.push_back("ended " + std::to_string(entry.rpc_ended().rpc()) + " on " +
                     std::to_string(entry.rpc_ended().connection()));
    } else if (entry.has_fault_fired()) {
      seen.push_back("fired on " + std::to_string(entry.fault_fired().connection()));
    }
  }
  EXPECT_THAT(seen, ::testing::ElementsAre("started 1 on 1", "ended 1 on 1", "fired on 1",
                                           "started 2 on 2", "ended 2 on 2", "fired on 2",
                                           "started 3 on 1", "ended 3 on 1", "fired on 1"));
}

TEST(JournalEndTest, NamesTheSignal) {
  for (const char* plan :
       {"fault { exit { signal: 9 } }", "fault { exit { phase: SERVING signal: 9 } }"}) {
    Fake fake({.plan = plan});
    EXPECT_EQ(fake.process().Wait(), Ended::BySignal(9)) << plan;
    EXPECT_EQ(fake.Journal().back().exiting().signal(), 9) << plan;
  }
}

TEST(JournalEndTest, NamesTheSignalOfABadStop) {
  Fake fake({.plan = "fault { stop { signal: 9 } }"});
  EXPECT_NE(fake.ReadPort(), "");
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(9));
  EXPECT_EQ(fake.Journal().back().exiting().signal(), 9);
}

TEST(JournalEndTest, NamesTheSignalOfAStartThatIsStopped) {
  Fake fake({.plan = "fault { hang { phase: BOUND } }"});
  EXPECT_TRUE(fake.WaitForFault("hang"));
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGTERM));
  EXPECT_EQ(fake.Journal().back().exiting().signal(), SIGTERM);
}

TEST(JournalSecretsTest, PasswordsAndTokensAreHidden) {
  Service service;
  buildah_sidecar::v1::PushRequest push;
  push.set_image("a");
  push.mutable_auth()->set_username("somebody");
  push.mutable_auth()->set_password("hunter2-password");
  push.mutable_auth()->set_identity_token("hunter2-identity");
  push.mutable_auth()->set_registry_token("hunter2-registry");
  buildah_sidecar::v1::ManifestPushRequest manifest;
  manifest.set_name("b");
  *manifest.mutable_auth() = push.auth();
  buildah_sidecar::v1::PushResponse pushed;
  buildah_sidecar::v1::ManifestPushResponse manifest_pushed;
  service.Call(&buildah_sidecar::v1::BuildService::Stub::Push, push, &pushed);
  service.Call(&buildah_sidecar::v1::BuildService::Stub::ManifestPush, manifest, &manifest_pushed);
  int calls = 0;
  for (const JournalEntry& entry : service.fake().Journal()) {
    EXPECT_THAT(entry.ShortDebugString(), Not(HasSubstr("hunter2")));
    if (!entry.has_rpc_started()) continue;
    ++calls;
    EXPECT_THAT(entry.rpc_started().detail(), HasSubstr("username: \"somebody\""));
    EXPECT_THAT(entry.rpc_started().detail(), HasSubstr("password: \"(hidden)\""));
  }
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace zlayer::fakes
