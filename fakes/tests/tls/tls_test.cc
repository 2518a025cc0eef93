// Mutual TLS of the honest fake (protocol section 3), `--mint-tls`, `tls_off` and
// `tls_refuse_client`, seen by a client that is not ours: openssl.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "fakes/tests/tls/openssl_client.h"

namespace zlayer::fakes {
namespace {

using ::testing::HasSubstr;

TEST(MutualTlsTest, OpensslIsAcceptedWithTls13AndH2) {
  Fake fake;
  const Seen seen = RunOpenssl(ClientArguments(fake, fake.ReadPort()));
  EXPECT_EQ(seen.ended, Ended::WithCode(0));
  EXPECT_THAT(seen.output, HasSubstr("TLSv1.3"));
  EXPECT_THAT(seen.output, HasSubstr("ALPN protocol: h2"));
  EXPECT_THAT(seen.output, HasSubstr("Verify return code: 0 (ok)"));
  const v1::TlsVerdict verdict = Verdict(fake);
  EXPECT_TRUE(verdict.accepted()) << verdict.reason();
  EXPECT_EQ(verdict.protocol(), "TLSv1.3");
  EXPECT_EQ(verdict.alpn(), "h2");
  EXPECT_EQ(verdict.peer_subject(), "CN=zlayer-buildd");
}

TEST(MintTlsTest, IsWhatTheProtocolAsksFor) {
  TemporaryDirectory directory;
  const std::string tls = directory / "tls";
  Process mint({.program = FakePath(), .arguments = {"--mint-tls", tls}});
  ASSERT_EQ(mint.Wait(), Ended::WithCode(0)) << mint.Stderr();
  struct stat found {};
  ASSERT_EQ(stat(tls.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0700u);
  for (const char* name : {"/ca.pem", "/cert.pem", "/key.pem", "/ca-key.pem", "/crl.pem"}) {
    ASSERT_EQ(stat((tls + name).c_str(), &found), 0) << name;
    EXPECT_EQ(found.st_mode & 07777, 0600u) << name;
  }
  for (const char* purpose : {"sslserver", "sslclient"}) {
    const Seen verified =
        RunOpenssl({"verify", "-x509_strict", "-purpose", purpose, "-verify_hostname",
                    "zlayer-buildd", "-CAfile", tls + "/ca.pem", tls + "/cert.pem"});
    EXPECT_EQ(verified.ended, Ended::WithCode(0)) << verified.output;
  }
  const Seen leaf = RunOpenssl({"x509", "-noout", "-text", "-in", tls + "/cert.pem"});
  EXPECT_THAT(leaf.output, HasSubstr("DNS:zlayer-buildd, DNS:localhost, IP Address:127.0.0.1, "
                                     "IP Address:0:0:0:0:0:0:0:1"));
  EXPECT_THAT(leaf.output, HasSubstr("ecdsa-with-SHA256"));
  EXPECT_THAT(leaf.output, HasSubstr("NIST CURVE: P-256"));
  EXPECT_THAT(leaf.output, HasSubstr("Issuer: CN = zlayer-buildd-ca"));
}

TEST(MintTlsTest, OverwritesNothing) {
  Fake fake;
  Process again({.program = FakePath(), .arguments = {"--mint-tls", fake.directory() / "tls"}});
  EXPECT_EQ(again.Wait(), Ended::WithCode(2));
  EXPECT_EQ(again.Stderr(), "fake-zlayer-buildd: --mint-tls: " + fake.tls("ca.pem") +
                                " exists; it is not overwritten\n");
}

TEST(MintTlsTest, TheLeafEndsWhenItIsTold) {
  TemporaryDirectory directory;
  const std::string tls = directory / "tls";
  Process mint(
      {.program = FakePath(), .arguments = {"--mint-tls", tls, "--mint-ends-in-secs", "-60"}});
  ASSERT_EQ(mint.Wait(), Ended::WithCode(0)) << mint.Stderr();
  const Seen verified = RunOpenssl({"verify", "-CAfile", tls + "/ca.pem", tls + "/cert.pem"});
  EXPECT_THAT(verified.output, HasSubstr("certificate has expired"));
}

TEST(TlsOffTest, AnswersInPlaintext) {
  Fake fake({.plan = "fault { tls_off {} }"});
  const std::string port = fake.ReadPort();
  const Seen seen = RunOpenssl(ClientArguments(fake, port));
  EXPECT_EQ(seen.ended, Ended::WithCode(1));
  EXPECT_THAT(seen.output, HasSubstr("wrong version number"));
  EXPECT_TRUE(fake.HasFired("tls_off"));
}

struct Refusal {
  const char* reason;
  const char* alert;  // as openssl names it
};

TEST(TlsRefuseClientTest, TheAlertArrivesAfterTheHandshake) {
  const Refusal refusals[] = {{"EXPIRED", "alert certificate expired"},
                              {"UNKNOWN_CA", "alert unknown ca"},
                              {"REVOKED", "alert certificate revoked"},
                              {"BAD_PURPOSE", "alert unsupported certificate"},
                              {"REJECTED", "alert access denied"}};
  for (const Refusal& refusal : refusals) {
    Fake fake(
        {.plan = std::string("fault { tls_refuse_client { reason: ") + refusal.reason + " } }"});
    const Seen seen = RunOpenssl(UntilClosed(ClientArguments(fake, fake.ReadPort())));
    EXPECT_EQ(seen.ended, Ended::WithCode(1)) << refusal.reason;
    EXPECT_THAT(seen.output, HasSubstr(refusal.alert));
    EXPECT_THAT(seen.output, HasSubstr("Verify return code: 0 (ok)"));
    EXPECT_TRUE(fake.HasFired("tls_refuse_client"));
    EXPECT_FALSE(Verdict(fake).accepted());
  }
}

TEST(TlsRefuseClientTest, SilentSendsNoAlert) {
  Fake fake({.plan = "fault { tls_refuse_client { reason: SILENT } }"});
  const Seen seen = RunOpenssl(UntilClosed(ClientArguments(fake, fake.ReadPort())));
  EXPECT_THAT(seen.output, HasSubstr("ALPN protocol: h2"));
  EXPECT_THAT(seen.output, ::testing::Not(HasSubstr("alert")));
  EXPECT_TRUE(fake.HasFired("tls_refuse_client"));
}

}  // namespace
}  // namespace zlayer::fakes
