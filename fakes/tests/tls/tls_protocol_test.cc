// The faults of the TLS protocol (`tls_offer`, `tls_handshake`, `tls_opening`,
// `tls_client_certificate`), seen by a client that is not ours: openssl.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <sstream>

#include "fakes/tests/grpc/health_call.h"
#include "fakes/tests/network/raw_socket.h"
#include "fakes/tests/tls/openssl_client.h"

namespace zlayer::fakes {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::chrono::milliseconds kAWhile{150};

struct Row {
  const char* fault;
  const char* words;  // part of openssl's output
};

void ExpectRefusals(const std::vector<Row>& rows, const std::string& kind) {
  for (const Row& row : rows) {
    Fake fake({.plan = std::string("fault { ") + row.fault + " }"});
    const Seen seen = RunOpenssl(UntilClosed(ClientArguments(fake, fake.ReadPort())));
    EXPECT_EQ(seen.ended, Ended::WithCode(1)) << row.fault;
    EXPECT_THAT(seen.output, HasSubstr(row.words)) << row.fault;
    EXPECT_TRUE(fake.HasFired(kind)) << row.fault;
    EXPECT_FALSE(Verdict(fake).accepted()) << row.fault;
  }
}

/// Runs openssl with TLS 1.3 as its only version.
Seen RunTls13Only(Fake& fake) {
  auto arguments = ClientArguments(fake, fake.ReadPort());
  arguments.emplace_back("-tls1_3");
  return RunOpenssl(arguments);
}

TEST(TlsOfferTest, AnOldServerRefusesAHelloOfTls13) {
  for (const char* version : {"TLS_1_2", "TLS_1_1"}) {
    Fake fake({.plan = std::string("fault { tls_offer { newest: ") + version + " } }"});
    const Seen seen = RunTls13Only(fake);
    EXPECT_EQ(seen.ended, Ended::WithCode(1));
    EXPECT_THAT(seen.output, HasSubstr("alert protocol version"));
    EXPECT_TRUE(fake.HasFired("tls_offer"));
  }
}

TEST(TlsOfferTest, AnOldServerSpeaksItsOwnVersion) {
  Fake tls12({.plan = "fault { tls_offer { newest: TLS_1_2 } }"});
  EXPECT_THAT(RunOpenssl(ClientArguments(tls12, tls12.ReadPort())).output,
              HasSubstr("Protocol  : TLSv1.2"));
  Fake tls11({.plan = "fault { tls_offer { newest: TLS_1_1 } }"});
  auto arguments = ClientArguments(tls11, tls11.ReadPort());
  arguments.insert(arguments.end(), {"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"});
  EXPECT_THAT(RunOpenssl(arguments).output, HasSubstr("Protocol  : TLSv1.1"));
}

TEST(TlsOfferTest, WithoutACommonCipherThereIsNoHandshake) {
  ExpectRefusals({{"tls_offer { no_common_cipher: true }", "alert handshake failure"}},
                 "tls_offer");
}

TEST(TlsOfferTest, AlpnIsMissingOrOneThatNobodyOffered) {
  Fake missing({.plan = "fault { tls_offer { alpn: NONE } }"});
  const Seen seen = RunOpenssl(ClientArguments(missing, missing.ReadPort()));
  EXPECT_EQ(seen.ended, Ended::WithCode(0));
  EXPECT_THAT(seen.output, HasSubstr("No ALPN negotiated"));
  EXPECT_TRUE(missing.HasFired("tls_offer"));
  ExpectRefusals({{"tls_offer { alpn: HTTP_1_1 }", "bad extension"}}, "tls_offer");
}

TEST(TlsClientCertificateTest, NotAskedForNoneIsNeeded) {
  Fake fake({.plan = "fault { tls_client_certificate { how: NOT_ASKED } }"});
  auto arguments = Without(Without(ClientArguments(fake, fake.ReadPort()), "-cert"), "-key");
  const Seen seen = RunOpenssl(arguments);
  EXPECT_EQ(seen.ended, Ended::WithCode(0)) << seen.output;
  EXPECT_THAT(seen.output, HasSubstr("No client certificate CA names sent"));
  EXPECT_TRUE(Verdict(fake).accepted());
  EXPECT_TRUE(fake.HasFired("tls_client_certificate"));
}

TEST(TlsClientCertificateTest, AForeignOneIsTakenUnverified) {
  Fake fake({.plan = "fault { tls_client_certificate { how: NOT_VERIFIED } }"});
  Process mint({.program = FakePath(), .arguments = {"--mint-tls", fake.directory() / "other"}});
  ASSERT_EQ(mint.Wait(), Ended::WithCode(0));
  const Seen seen = RunOpenssl(Presenting(ClientArguments(fake, fake.ReadPort()),
                                          fake.directory() / "other/cert.pem",
                                          fake.directory() / "other/key.pem"));
  EXPECT_EQ(seen.ended, Ended::WithCode(0)) << seen.output;
  EXPECT_TRUE(Verdict(fake).accepted()) << Verdict(fake).reason();
  EXPECT_EQ(Verdict(fake).peer_subject(), "CN=zlayer-buildd");
}

TEST(TlsHandshakeTest, EndsAtEachMessage) {
  for (const char* how : {"CLOSE", "CLOSE_AFTER", "TRUNCATE"}) {
    for (const char* at : {"SERVER_HELLO", "ENCRYPTED_EXTENSIONS", "CERTIFICATE_REQUEST",
                           "CERTIFICATE", "CERTIFICATE_VERIFY", "FINISHED"}) {
      const std::string plan = std::string("tls_handshake { at: ") + at + " how: " + how + " }";
      ExpectRefusals({{plan.c_str(), "unexpected eof"}}, "tls_handshake");
    }
  }
}

/// The initials of the server's handshake messages that openssl received before the broken one.
std::string MessagesBefore(const std::string& at) {
  Fake fake({.plan = "fault { tls_handshake { at: " + at + " how: CLOSE } }"});
  auto arguments = ClientArguments(fake, fake.ReadPort());
  arguments.emplace_back("-msg");
  std::istringstream output(RunOpenssl(arguments).output);
  std::string initials;
  for (std::string line; std::getline(output, line);) {
    // <<< TLS 1.3, Handshake [length 007a], ServerHello
    if (line.starts_with("<<< TLS 1.3, Handshake")) initials += line[line.rfind(' ') + 1];
  }
  return initials;
}

TEST(TlsHandshakeTest, EverythingBeforeTheMessageComes) {
  EXPECT_EQ(MessagesBefore("SERVER_HELLO"), "");
  EXPECT_EQ(MessagesBefore("ENCRYPTED_EXTENSIONS"), "S");
  EXPECT_EQ(MessagesBefore("CERTIFICATE_REQUEST"), "SE");
  EXPECT_EQ(MessagesBefore("CERTIFICATE"), "SEC");
  EXPECT_EQ(MessagesBefore("CERTIFICATE_VERIFY"), "SECC");
  EXPECT_EQ(MessagesBefore("FINISHED"), "SECCC");
}

TEST(TlsHandshakeTest, StallsUntilTheClientGoes) {
  Fake fake({.plan = "fault { tls_handshake { at: CERTIFICATE how: STALL } }"});
  {
    Process client({.program = "openssl", .arguments = ClientArguments(fake, fake.ReadPort())});
    ASSERT_TRUE(fake.WaitForFault("tls_handshake"));
    EXPECT_TRUE(client.LivesFor(kAWhile));
  }
  EXPECT_EQ(Verdict(fake).reason(), "stalled by the plan");
}

TEST(TlsHandshakeTest, WhatIsForgedIsWellEncrypted) {
  ExpectRefusals({{"tls_handshake { at: CERTIFICATE how: GARBAGE }", "asn1 encoding routines"},
                  {"tls_handshake { at: CERTIFICATE how: EMPTY }", "length mismatch"},
                  {"tls_handshake { at: FINISHED how: GARBAGE }", "digest check failed"}},
                 "tls_handshake");
}

TEST(TlsHandshakeTest, AFlippedBitBreaksTheRecord) {
  ExpectRefusals({{"tls_handshake { at: ENCRYPTED_EXTENSIONS how: FLIP }", "bad record mac"},
                  {"tls_handshake { at: FINISHED how: FLIP }", "bad record mac"}},
                 "tls_handshake");
}

TEST(TlsHandshakeTest, TheNextConnectionMayBeGood) {
  Fake fake({.plan = "fault { when { times: 1 } tls_handshake { at: FINISHED how: CLOSE } }"});
  const auto arguments = ClientArguments(fake, fake.ReadPort());
  EXPECT_EQ(RunOpenssl(arguments).ended, Ended::WithCode(1));
  EXPECT_EQ(RunOpenssl(arguments).ended, Ended::WithCode(0));
}

TEST(TlsOpeningTest, SomethingElseComesFirst) {
  ExpectRefusals({{"tls_opening { how: BANNER }", "wrong version number"},
                  {"tls_opening { how: HTTP_1 }", "wrong version number"},
                  {"tls_opening { how: ALERT }", "alert handshake failure"},
                  {"tls_opening { how: CLOSE }", "unexpected eof"}},
                 "tls_opening");
}

TEST(TlsOpeningTest, Http1IsAnswered) {
  Fake fake({.plan = "fault { tls_opening { how: HTTP_1 } }"});
  Process curl(
      {.program = "curl",
       .arguments = {"--silent", "--max-time", "20", "--output", "/dev/null", "--write-out",
                     "%{http_code}", "http://127.0.0.1:" + fake.ReadPort()}});
  EXPECT_EQ(curl.Wait(), Ended::WithCode(0));
  EXPECT_EQ(curl.Stdout(), "400");
}

TEST(TlsFiredTest, NothingFiresBeforeTheClientHasSpoken) {
  const char* faults[] = {"tls_offer { newest: TLS_1_2 }", "tls_offer { no_common_cipher: true }",
                          "tls_offer { alpn: NONE }", "tls_client_certificate { how: NOT_ASKED }",
                          "tls_client_certificate { how: NOT_VERIFIED }"};
  for (const std::string fault : faults) {
    Fake fake({.plan = "fault { " + fault + " }"});
    fixture::UniqueFd silent = Dial(fake.ReadPort());
    silent.Reset();
    EXPECT_FALSE(Verdict(fake).accepted());
    EXPECT_FALSE(fake.HasFired(fault.substr(0, fault.find(' ')))) << fault;
  }
}

TEST(TlsFiredTest, AnAlpnThatNobodyAskedForIsNotMissing) {
  Fake fake({.plan = "fault { tls_offer { alpn: NONE } }"});
  RunOpenssl(Without(ClientArguments(fake, fake.ReadPort()), "-alpn"));
  EXPECT_TRUE(Verdict(fake).accepted());
  EXPECT_FALSE(fake.HasFired("tls_offer"));
}

long CountOf(const std::string& text, const std::string& part) {
  long count = 0;
  for (size_t at = 0; (at = text.find(part, at)) != text.npos; at += part.size()) ++count;
  return count;
}

TEST(TlsKeyUpdateTest, TheStormHasItsCountAndThenServes) {
  for (const bool unanswered : {false, true}) {
    Fake fake({.plan = std::string("fault { tls_key_update { count: 20 unanswered: ") +
                       (unanswered ? "true" : "false") + " } }"});
    auto arguments = UntilClosed(ClientArguments(fake, fake.ReadPort()));
    arguments.insert(arguments.end(), {"-msg", "-nocommands"});
    std::ofstream(fake.directory() / "call", std::ios::binary) << HealthCall();
    Process client({.program = "openssl",
                    .arguments = arguments,
                    .environment = {},
                    .input = fake.directory() / "call"});
    EXPECT_TRUE(
        fake.WaitForEntry([](const v1::JournalEntry& entry) { return entry.has_rpc_ended(); }));
    EXPECT_TRUE(fake.HasFired("tls_key_update"));
    for (int i = 0; i < 20; ++i) {
      EXPECT_TRUE(client.ReadStdoutUntil("<<< TLS 1.3, Handshake [length 0005], KeyUpdate")) << i;
    }
    fake.process().Kill(SIGKILL);
    client.Wait();
    EXPECT_EQ(CountOf(client.Stdout(), "<<< TLS 1.3, Handshake [length 0005], KeyUpdate"), 20);
    const long answers =
        CountOf(client.Stdout(), ">>> TLS 1.3, Handshake [length 0005], KeyUpdate");
    EXPECT_EQ(answers == 0, unanswered) << answers;
  }
}

TEST(BadTlsFaultTest, ATls13MessageDoesNotComeInTls12) {
  for (const char* fault : {"tls_handshake { at: ENCRYPTED_EXTENSIONS how: CLOSE }",
                            "tls_handshake { at: CERTIFICATE_VERIFY how: FLIP }",
                            "tls_handshake { at: CERTIFICATE how: EMPTY }",
                            "tls_refuse_client { reason: REJECTED }", "tls_key_update {}"}) {
    for (const char* version : {"TLS_1_2", "TLS_1_1"}) {
      Fake fake({.plan = std::string("fault { tls_offer { newest: ") + version + " } } fault { " +
                         fault + " }"});
      EXPECT_EQ(fake.process().Wait(), Ended::WithCode(2)) << fault;
      EXPECT_THAT(fake.process().Stderr(),
                  HasSubstr("cannot fire together with fault[0].tls_offer"));
    }
  }
}

TEST(BadTlsFaultTest, SenselessOnesAreNamed) {
  const Row rows[] = {
      {"tls_offer {}",
       "fault[0].tls_offer.newest: changes nothing; set newest, no_common_cipher or alpn"},
      {"tls_offer { newest: TLS_1_2 no_common_cipher: true }",
       "fault[0].tls_offer.no_common_cipher: needs newest: TLS_1_3"},
      {"tls_client_certificate {}", "fault[0].tls_client_certificate.how: is not set; valid: "},
      {"tls_handshake {}", "fault[0].tls_handshake.how: is not set; valid: STALL, "},
      {"tls_handshake { how: EMPTY }",
       "fault[0].tls_handshake.how: EMPTY is valid only at CERTIFICATE"},
      {"tls_handshake { how: GARBAGE }",
       "fault[0].tls_handshake.how: GARBAGE is valid only at CERTIFICATE and FINISHED"},
      {"tls_key_update { count: 100001 }", "fault[0].tls_key_update.count: must be at most 100000"},
      {"tls_opening {}", "fault[0].tls_opening.how: is not set; valid: BANNER, "}};
  for (const Row& row : rows) {
    Fake fake({.plan = std::string("fault { ") + row.fault + " }"});
    EXPECT_EQ(fake.process().Wait(), Ended::WithCode(2)) << row.fault;
    EXPECT_THAT(fake.process().Stderr(), HasSubstr(row.words));
  }
}

}  // namespace
}  // namespace zlayer::fakes
