// The honest fake refuses a client whose certificate has a defect, or with which it shares no
// version, cipher or signature algorithm, and sends the alert that the deployed daemon sends. The
// client is openssl, which sends an RPC right after its part of the handshake, without waiting for
// the server's verdict: the RPC must not reach the service. The tests are numbered by the rows of
// the mTLS matrix that a client can cause:
//
//   1-12, 14, 15, 22, 24, 27, 29, 31-33  here
//   26, 30, 36-41                        rogue_handshake_test.cc
//   21                                   not refused: the daemon pins no client's name
//   23                                   not refused: Go takes RSA of 1,024 bits
//   25                                   not refused: the daemon has no option for a CRL; what a
//                                        refusal looks like to its client: TlsRefuseClientTest
//   43                                   not told apart: with or without close_notify, the end of a
//                                        connection ends its calls; rogue_handshake_test.cc has it
//
// HonestTlsTest has the clients that offer no ALPN, or not h2.

#include <fstream>

#include "fakes/src/mint/certificate.h"
#include "fakes/src/mint/defective_leaf.h"
#include "fakes/src/tls/pem.h"
#include "fakes/tests/fixture/guarded_fake.h"

namespace zlayer::fakes::daemon {
namespace {

using ::testing::HasSubstr;
using v1::TlsCertificate;

struct Row {
  int number;  // in the matrix
  TlsCertificate::Defect defect;
  const char* reason;  // in the journal; X509_verify_cert_error_string's or the TLS library's own
  const char* alert;   // the alert of the deployed daemon, as openssl reports it
};

const Row kRows[] = {
    {1, TlsCertificate::EXPIRED, "certificate has expired", "certificate expired"},
    {1, TlsCertificate::JUST_EXPIRED, "certificate has expired", "certificate expired"},
    {2, TlsCertificate::CA_EXPIRED, "certificate has expired", "certificate expired"},
    {3, TlsCertificate::NOT_YET_VALID, "certificate is not yet valid", "certificate expired"},
    {4, TlsCertificate::UNKNOWN_CA, "unable to get local issuer certificate", "unknown ca"},
    {5, TlsCertificate::IMPOSTOR_CA, "unable to get local issuer certificate", "unknown ca"},
    {6, TlsCertificate::SELF_SIGNED, "self-signed certificate", "unknown ca"},
    {7, TlsCertificate::INTERMEDIATE_MISSING, "unable to get local issuer certificate",
     "unknown ca"},
    {8, TlsCertificate::INTERMEDIATE_NO_CA, "invalid CA certificate", "unknown ca"},
    {9, TlsCertificate::INTERMEDIATE_WITHOUT_CONSTRAINTS, "invalid CA certificate", "unknown ca"},
    {10, TlsCertificate::PATH_TOO_LONG, "path length constraint exceeded", "bad certificate"},
    {11, TlsCertificate::LEAF_AS_CA, "invalid CA certificate", "unknown ca"},
    {12, TlsCertificate::NAME_CONSTRAINT, "permitted subtree violation", "bad certificate"},
    {15, TlsCertificate::EMAIL_ONLY, "unsuitable certificate purpose", "bad certificate"},
    {22, TlsCertificate::SHA1_SIGNATURE, "CA signature digest algorithm too weak", "unknown ca"},
    {24, TlsCertificate::UNKNOWN_CRITICAL_EXTENSION, "unhandled critical extension",
     "bad certificate"},
    {27, TlsCertificate::KEY_MISMATCH, "bad signature", "decrypt error"}};

class RogueCertificateTest : public GuardedFakeTest {
 protected:
  Identity Ca() {
    return {*ReadCertificate(fake().tls("ca.pem")), *ReadKey(fake().tls("ca-key.pem"))};
  }

  /// Runs openssl with these arguments and returns what it saw. Empty if the fake accepted it: an
  /// accepted client would not exit by itself.
  Seen Call(const std::vector<std::string>& arguments) {
    Process client(Caller(arguments));
    rogue_ = NextConnection();
    if (Verdict(fake(), rogue_).accepted()) return {};
    const auto ended = client.Wait();
    return {ended, client.Stdout() + client.Stderr(), {}};
  }

  Seen CallWith(const Identity& identity) { return Call(WithIdentity(identity)); }

  /// Arguments that present this certificate, at security level 0: otherwise openssl itself refuses
  /// to present a weak one.
  std::vector<std::string> WithIdentity(const Identity& identity) {
    const std::string certificate = fake().directory() / "rogue.pem";
    const std::string key = fake().directory() / "rogue-key.pem";
    const std::string chain = fake().directory() / "rogue-chain.pem";
    std::ofstream(certificate) << CertificateToPem(identity.certificate.get());
    std::ofstream(key) << KeyToPem(identity.key.get());
    std::ofstream chain_file(chain);
    for (const CertificatePtr& issuer : identity.chain) {
      chain_file << CertificateToPem(issuer.get());
    }
    chain_file.close();
    auto arguments = Presenting(Arguments(), certificate, key);
    arguments.insert(arguments.end(), {"-cipher", "DEFAULT@SECLEVEL=0"});
    if (!identity.chain.empty()) arguments.insert(arguments.end(), {"-cert_chain", chain});
    return arguments;
  }

  void ExpectRefusal(const Seen& seen, const std::string& reason, const std::string& alert) {
    EXPECT_EQ(seen.ended, Ended::WithCode(1));
    EXPECT_THAT(seen.output, HasSubstr("alert " + alert + ":"));
    ExpectRefused(rogue_, reason);
  }

 private:
  std::uint32_t rogue_ = 0;  // number of the last rogue client's connection
};

TEST_F(RogueCertificateTest, EachDefectIsRefused) {
  for (const Row& row : kRows) {
    SCOPED_TRACE("row " + std::to_string(row.number) + ", " +
                 TlsCertificate::Defect_Name(row.defect));
    const Result<Identity> rogue = MintDefectiveLeaf(row.defect, Ca());
    ASSERT_TRUE(rogue) << rogue.error().message;
    ExpectRefusal(CallWith(*rogue), row.reason, row.alert);
  }
}

TEST_F(RogueCertificateTest, Row14ServerAuthOnlyIsRefused) {
  CertificateDraft draft = LeafOfProtocol();
  draft.extended_key_usage = "serverAuth";
  const Identity ca = Ca();
  ExpectRefusal(CallWith(*Mint(draft, &ca)), "unsuitable certificate purpose", "bad certificate");
}

TEST_F(RogueCertificateTest, TheLeafIsJudgedBeforeItsIssuer) {
  CertificateDraft draft = LeafOfProtocol();
  draft.ends_in_secs = -60;
  ExpectRefusal(CallWith(*Mint(draft, nullptr)), "certificate has expired", "certificate expired");
}

TEST_F(RogueCertificateTest, ThePurposeOfAnIntermediateCounts) {
  const Identity ca = Ca();
  CertificateDraft draft = AuthorityDraft("zlayer-servers-ca");
  draft.extended_key_usage = "serverAuth";
  Result<Identity> issuer = Mint(draft, &ca);
  Result<Identity> leaf = Mint(LeafOfProtocol(), &*issuer);
  leaf->chain.push_back(std::move(issuer->certificate));
  ExpectRefusal(CallWith(*leaf), "unsuitable certificate purpose", "bad certificate");
}

TEST_F(RogueCertificateTest, AnyPurposeAndEveryKindOfKeyIsAccepted) {
  std::vector<CertificateDraft> drafts(6, LeafOfProtocol());
  drafts[0].extended_key_usage = "";
  drafts[1].extended_key_usage = "anyExtendedKeyUsage";
  drafts[2].key = KeyKind::rsa_1024;  // row 23: Go, unlike OpenSSL, has no limit above this
  drafts[3].key = KeyKind::rsa_2048;
  drafts[4].key = KeyKind::ed25519;
  drafts[5].key = KeyKind::p521;
  const Identity ca = Ca();
  for (const CertificateDraft& draft : drafts) {
    SCOPED_TRACE(draft.extended_key_usage + ", key " + std::to_string(static_cast<int>(draft.key)));
    const Process client(Caller(WithIdentity(*Mint(draft, &ca))));
    ExpectAccepted(NextConnection());
  }
}

TEST_F(RogueCertificateTest, Row29NoneIsRefused) {
  ExpectRefusal(Call(Without(Without(Arguments(), "-cert"), "-key")),
                "peer did not return a certificate", "certificate required");
}

struct Offer {
  int number;  // in the matrix
  std::vector<std::string> arguments;
  const char* reason;
  const char* alert;
};

TEST_F(RogueCertificateTest, AnOfferWithNothingInCommonIsRefused) {
  const Offer offers[] = {
      {31, {"-tls1_2"}, "unsupported protocol", "protocol version"},
      {32, {"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"}, "unsupported protocol", "protocol version"},
      {33, {"-ciphersuites", "TLS_AES_128_CCM_8_SHA256"}, "no shared cipher", "handshake failure"},
      {33,
       {"-sigalgs", "rsa_pss_rsae_sha256"},
       "no suitable signature algorithm",
       "handshake failure"}};
  for (const Offer& offer : offers) {
    SCOPED_TRACE("row " + std::to_string(offer.number));
    auto arguments = Arguments();
    arguments.insert(arguments.end(), offer.arguments.begin(), offer.arguments.end());
    ExpectRefusal(Call(arguments), offer.reason, offer.alert);
  }
}

}  // namespace
}  // namespace zlayer::fakes::daemon
