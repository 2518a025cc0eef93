// The honest fake refuses a client that breaks its own side of the handshake, even with a good
// certificate. rogue_certificate_test.cc lists the rows of the mTLS matrix that are here.

#include <deque>

#include "fakes/src/tls/handshake_message.h"
#include "fakes/tests/fixture/guarded_fake.h"
#include "fakes/tests/network/raw_socket.h"
#include "fakes/tests/tls/client_flight.h"

namespace zlayer::fakes::daemon {
namespace {

constexpr std::chrono::milliseconds kAWhile{150};

class RogueHandshakeTest : public GuardedFakeTest {
 protected:
  /// Makes a good answer to the server, lets `change` break it, sends it, and expects the fake to
  /// refuse it for `reason`.
  template <typename Change>
  void ExpectRefusalOf(const std::string& reason, Change change) {
    ClientFlight client(fake(), port());
    std::vector<std::string> records = client.Answer(HealthCall());
    ASSERT_FALSE(records.empty());
    change(client, records);
    client.Send(records);
    client.End();
    ExpectRefused(NextConnection(), reason);
  }

  void ExpectRefusalOfBytes(const std::string& bytes, const std::string& reason) {
    const fixture::UniqueFd socket = Dial(port());
    EXPECT_TRUE(SendAll(socket.get(), bytes));
    ExpectRefused(NextConnection(), reason);
  }
};

using Records = std::vector<std::string>;

/// A Finished message with a wrong MAC of the right size: 32 bytes, since the daemon prefers a
/// cipher suite with SHA-256.
const std::string& WrongFinished() {
  static const std::string kMessage = HandshakeMessage(SSL3_MT_FINISHED, std::string(32, 'x'));
  return kMessage;
}

TEST_F(RogueHandshakeTest, AWholeAnswerIsAccepted) {
  ClientFlight client(fake(), port());
  client.Send(client.Answer(HealthCall()));
  ExpectAccepted(NextConnection());
}

TEST_F(RogueHandshakeTest, Row26GarbageInPlaceOfDerIsRefused) {
  ExpectRefusalOf("wrong tag", [](const ClientFlight& client, Records& records) {
    const std::string octets = "\x04\x3e" + std::string(62, 'x');
    records[ClientFlight::kCertificate] =
        client.Sealed(ClientFlight::kCertificate, CertificateMessage(octets));
  });
}

TEST_F(RogueHandshakeTest, Row30ACertificateWithoutProofOfItsKeyIsRefused) {
  // The fake refuses Finished in the place of CertificateVerify, before it checks its MAC.
  ExpectRefusalOf("unexpected message", [](const ClientFlight& client, Records& records) {
    records[ClientFlight::kCertificateVerify] =
        client.Sealed(ClientFlight::kCertificateVerify, WrongFinished());
    records.erase(records.begin() + ClientFlight::kFinished);
  });
}

TEST_F(RogueHandshakeTest, Row40AWrongFinishedIsRefused) {
  ExpectRefusalOf("digest check failed", [](const ClientFlight& client, Records& records) {
    records[ClientFlight::kFinished] = client.Sealed(ClientFlight::kFinished, WrongFinished());
  });
}

TEST_F(RogueHandshakeTest, Row40AFlippedBitInAnyRecordIsRefused) {
  for (const auto place :
       {ClientFlight::kCertificate, ClientFlight::kCertificateVerify, ClientFlight::kFinished}) {
    ExpectRefusalOf("bad record mac", [place](const ClientFlight&, Records& records) {
      records[place].back() = static_cast<char>(records[place].back() ^ 1);
    });
  }
}

TEST_F(RogueHandshakeTest, Row38AHelloThatEndsIsRefused) {
  const ClientFlight whole(fake(), port());
  const std::string hello = whole.hello();
  whole.End();
  ExpectRefused(NextConnection(), "unexpected eof");
  for (const size_t size : {size_t{3}, hello.size() / 2, hello.size()}) {
    SCOPED_TRACE(std::to_string(size) + " bytes");
    const fixture::UniqueFd socket = Dial(port());
    EXPECT_TRUE(SendAll(socket.get(), hello.substr(0, size)));
    shutdown(socket.get(), SHUT_WR);
    ExpectRefused(NextConnection(), "unexpected eof");
  }
}

TEST_F(RogueHandshakeTest, Row38AnAnswerThatEndsIsRefused) {
  for (const size_t whole :
       {ClientFlight::kCertificate, ClientFlight::kCertificateVerify, ClientFlight::kFinished}) {
    for (const bool half : {false, true}) {
      SCOPED_TRACE(std::to_string(whole) + (half ? " records and a half" : " records"));
      ExpectRefusalOf("unexpected eof", [&](const ClientFlight&, Records& records) {
        records.resize(whole + (half ? 1 : 0));
        if (half) records.back().resize(records.back().size() / 2);
      });
    }
  }
}

TEST_F(RogueHandshakeTest, Row39AStalledClientStopsNobodyElse) {
  const fixture::UniqueFd silent = Dial(port());
  const std::uint32_t first = NextConnection();
  std::deque<ClientFlight> stalled;
  for (const size_t whole :
       {ClientFlight::kCertificate, ClientFlight::kCertificateVerify, ClientFlight::kFinished}) {
    NextConnection();
    Records records = stalled.emplace_back(fake(), port()).Answer(HealthCall());
    ASSERT_FALSE(records.empty());
    records.resize(whole);
    stalled.back().Send(records);
  }
  ExpectServed();
  EXPECT_FALSE(Comes(silent.get(), POLLIN, kAWhile));

  shutdown(silent.get(), SHUT_WR);
  ExpectRefused(first, "unexpected eof");
  for (std::uint32_t i = 0; i < stalled.size(); ++i) {
    stalled[i].End();
    ExpectRefused(first + 1 + i, "unexpected eof");
  }
}

TEST_F(RogueHandshakeTest, Row36PlaintextHttp2IsRefused) {
  ExpectRefusalOfBytes(HealthCall(), "wrong version number");
}

TEST_F(RogueHandshakeTest, Row37Http1IsRefused) {
  ExpectRefusalOfBytes("GET / HTTP/1.1\r\nHost: zlayer-buildd\r\n\r\n", "http request");
}

TEST_F(RogueHandshakeTest, Row41AnAlertAtOnceIsRefused) {
  const char alert[] = {SSL3_RT_ALERT, 3, 1, 0, 2, SSL3_AL_FATAL, SSL_AD_HANDSHAKE_FAILURE};
  ExpectRefusalOfBytes({alert, sizeof alert}, "unexpected message");
}

TEST_F(RogueHandshakeTest, AnEndInTheMiddleOfACallCallsNothing) {
  // The call ends in the middle of its headers. After complete headers without a message, gRPC
  // would answer without calling the handler, and the journal would have an RPC.
  const std::string call = HealthCall();
  ClientFlight client(fake(), port());
  client.Send(client.Answer(call.substr(0, call.size() - 40)));
  const std::uint32_t connection = NextConnection();
  EXPECT_TRUE(Verdict(fake(), connection).accepted());
  client.End();
  EXPECT_EQ(Receive(client.socket()).error, 0);  // the fake ends the connection, too
}

}  // namespace
}  // namespace zlayer::fakes::daemon
