// The TLS of the honest fake is that of the deployed daemon: what it offers and sends, how it
// resumes sessions, what it reads from its files. The clients are openssl and a bare one.
// rogue_certificate_test.cc has the alerts.

#include <algorithm>
#include <fstream>

#include "fakes/src/mint/certificate.h"
#include "fakes/src/tls/pem.h"
#include "fakes/tests/fixture/guarded_fake.h"
#include "fakes/tests/tls/tls_client.h"

namespace zlayer::fakes::daemon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

long CountOf(const std::string& text, const std::string& part) {
  long count = 0;
  for (size_t at = 0; (at = text.find(part, at)) != text.npos; at += part.size()) ++count;
  return count;
}

class HonestTlsTest : public GuardedFakeTest {
 protected:
  /// Runs openssl with more arguments, and counts its connection.
  Seen Run(const std::vector<std::string>& more) {
    auto arguments = Arguments();
    arguments.insert(arguments.end(), more.begin(), more.end());
    NextConnection();
    return RunOpenssl(arguments);
  }

  std::vector<std::string> Offering(const std::string& protocols) {
    auto arguments = Without(Arguments(), "-alpn");
    arguments.insert(arguments.end(), {"-alpn", protocols});
    return arguments;
  }
};

TEST_F(HonestTlsTest, Aes128ComesFirstUnlessTheClientPrefersChaCha) {
  EXPECT_THAT(Run({}).output, HasSubstr("Cipher is TLS_AES_128_GCM_SHA256"));
  EXPECT_THAT(Run({"-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256"}).output,
              HasSubstr("Cipher is TLS_CHACHA20_POLY1305_SHA256"));
}

TEST_F(HonestTlsTest, TheCertificateRequestNamesTheCa) {
  EXPECT_THAT(Run({}).output,
              HasSubstr("Acceptable client certificate CA names\nCN = zlayer-buildd-ca\n"));
}

TEST_F(HonestTlsTest, ASingleLeafIsSentAlone) {
  EXPECT_EQ(CountOf(Run({"-showcerts"}).output, "BEGIN CERTIFICATE"), 1);
}

TEST_F(HonestTlsTest, WithoutH2TheHandshakeSucceedsAndACloseNotifyEndsIt) {
  const SslContextPtr context = TlsClient::Context(fake());
  for (const std::string& offer : {std::string(), std::string("\x02h3\x08http/1.1", 12)}) {
    SSL_CTX_set_alpn_protos(context.get(), reinterpret_cast<const unsigned char*>(offer.data()),
                            static_cast<unsigned>(offer.size()));
    TlsClient client(context.get(), port());
    EXPECT_TRUE(client.connected());
    EXPECT_TRUE(client.ReadToCloseNotify());
    EXPECT_EQ(client.read(), "");
    ExpectRefused(NextConnection(), "ALPN");
  }
}

TEST_F(HonestTlsTest, AnOfferWithoutH2AndHttp1IsRefused) {
  const Seen seen = RunOpenssl(UntilClosed(Offering("h3")));
  EXPECT_THAT(seen.output, HasSubstr("alert no application protocol"));
  ExpectRefused(NextConnection(), "no application protocol");
}

TEST_F(HonestTlsTest, ATicketComesAndResumesTheSession) {
  const std::string session = fake().directory() / "session";
  auto first = Arguments();
  first.insert(first.end(), {"-sess_out", session});
  {
    Process client(Caller(first));
    EXPECT_TRUE(client.ReadStdoutUntil(kServing));  // the ticket has come before
    ExpectAccepted(NextConnection());
  }
  EXPECT_THAT(RunOpenssl({"sess_id", "-in", session, "-noout", "-text"}).output,
              HasSubstr("TLS session ticket lifetime hint: 604800 (seconds)"));
  auto second = Arguments();
  second.insert(second.end(), {"-sess_in", session});
  Process client(Caller(second));
  EXPECT_TRUE(client.ReadStdoutUntil("Reused, TLSv1.3"));
  const std::uint32_t resumed = NextConnection();
  ExpectAccepted(resumed);
  EXPECT_EQ(Verdict(fake(), resumed).peer_subject(), "CN=zlayer-buildd");
}

TEST_F(HonestTlsTest, ARefusalLeavesNoTraceOnStderr) {
  const Seen seen = RunOpenssl(UntilClosed(Without(Without(Arguments(), "-cert"), "-key")));
  EXPECT_THAT(seen.output, HasSubstr("alert certificate required"));
  ExpectRefused(NextConnection(), "did not return a certificate");
  // What the fake has written since its start, up to the line that a stop writes last.
  Fake quiet;
  RunOpenssl(
      UntilClosed(Without(Without(ClientArguments(quiet, quiet.ReadPort()), "-cert"), "-key")));
  EXPECT_FALSE(Verdict(quiet).accepted());
  quiet.process().Kill(SIGTERM);
  EXPECT_EQ(quiet.process().Wait(), Ended::WithCode(0));
  EXPECT_THAT(quiet.process().Stderr(), Not(HasSubstr("certificate")));
  EXPECT_THAT(quiet.process().Stderr(), Not(HasSubstr("handshake")));
}

/// PEM files of a test, and a fake that loads them.
class TlsFilesTest : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(place_ / name) << content;
  }

  /// Writes NAME.pem and NAME-key.pem.
  void WriteLeaf(const std::string& name, const Identity& leaf) const {
    Write(name + ".pem", CertificateToPem(leaf.certificate.get()));
    Write(name + "-key.pem", KeyToPem(leaf.key.get()));
  }

  /// A fake that loads these texts.
  Fake Start(const std::string& ca, const std::string& certificate, EVP_PKEY* key) const {
    Write("ca.pem", ca);
    Write("cert.pem", certificate);
    Write("key.pem", KeyToPem(key));
    return Fake({.tls = place_.path()});
  }

  /// openssl with the leaf NAME, which trusts only `root`.
  Seen Run(Fake& fake, const std::string& port, const std::string& name,
           const Identity& root) const {
    Write("root.pem", CertificateToPem(root.certificate.get()));
    auto arguments = ClientArguments(fake, port);
    *(std::find(arguments.begin(), arguments.end(), "-CAfile") + 1) = place_ / "root.pem";
    arguments = Presenting(arguments, place_ / (name + ".pem"), place_ / (name + "-key.pem"));
    arguments.insert(arguments.end(), {"-showcerts", "-cipher", "DEFAULT@SECLEVEL=0"});
    return RunOpenssl(arguments);
  }

 private:
  TemporaryDirectory place_;
};

std::string Pem(const Identity& identity) { return CertificateToPem(identity.certificate.get()); }

/// A CA of the protocol's name. Without key identifiers, only a signature tells two of them apart.
Identity Generation() {
  CertificateDraft draft = AuthorityDraft("zlayer-buildd-ca");
  draft.key_identifiers = false;
  return std::move(*Mint(draft, nullptr));
}

TEST_F(TlsFilesTest, EveryCaOfABundleCountsWhateverIsBetweenThem) {
  const Identity cas[] = {Generation(), Generation(),
                          std::move(*Mint(AuthorityDraft("x"), nullptr))};
  CertificateDraft draft = LeafOfProtocol();
  draft.key_identifiers = false;
  std::string bundle = "generations of a CA\n";
  for (size_t i = 0; i < std::size(cas); ++i) {
    WriteLeaf(std::to_string(i), *Mint(draft, &cas[i]));
    bundle += "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n" +
              KeyToPem(cas[i].key.get()) + Pem(cas[i]) +
              "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  }
  const Identity served = std::move(*Mint(draft, &cas[0]));
  Fake fake = Start(bundle, Pem(served), served.key.get());
  const std::string port = fake.ReadPort();
  for (std::uint32_t i = 0; i < std::size(cas); ++i) {
    const Seen seen = Run(fake, port, std::to_string(i), cas[0]);
    EXPECT_TRUE(Verdict(fake, i + 1).accepted()) << Verdict(fake, i + 1).reason();
    EXPECT_THAT(seen.output, HasSubstr("CN = zlayer-buildd-ca\nCN = zlayer-buildd-ca\nCN = x\n"));
  }
}

TEST_F(TlsFilesTest, AnIntermediateInTheBundleIsAnAnchor) {
  const Identity root = std::move(*Mint(AuthorityDraft("root"), nullptr));
  const Identity issuer = std::move(*Mint(AuthorityDraft("issuer"), &root));
  const Identity leaf = std::move(*Mint(LeafOfProtocol(), &issuer));
  WriteLeaf("leaf", leaf);
  Fake fake = Start(Pem(issuer), Pem(leaf) + Pem(issuer), leaf.key.get());
  EXPECT_THAT(Run(fake, fake.ReadPort(), "leaf", root).output,
              HasSubstr("Verify return code: 0 (ok)"));
  EXPECT_TRUE(Verdict(fake).accepted()) << Verdict(fake).reason();
}

TEST_F(TlsFilesTest, AChainIsSentWhole) {
  const Identity root = std::move(*Mint(AuthorityDraft("root"), nullptr));
  const Identity issuer = std::move(*Mint(AuthorityDraft("issuer"), &root));
  const Identity leaf = std::move(*Mint(LeafOfProtocol(), &issuer));
  WriteLeaf("leaf", leaf);
  Fake fake = Start(Pem(root), Pem(leaf) + KeyToPem(leaf.key.get()) + Pem(issuer) + Pem(root),
                    leaf.key.get());
  const Seen seen = Run(fake, fake.ReadPort(), "leaf", root);
  EXPECT_THAT(seen.output, HasSubstr("Verify return code: 0 (ok)"));
  EXPECT_EQ(CountOf(seen.output, "BEGIN CERTIFICATE"), 3);
}

TEST_F(TlsFilesTest, AnExpiredOrWeakLeafIsServed) {
  const Identity ca = std::move(*Mint(AuthorityDraft("zlayer-buildd-ca"), nullptr));
  CertificateDraft expired = LeafOfProtocol();
  expired.ends_in_secs = -60;
  CertificateDraft weak = LeafOfProtocol();
  weak.key = KeyKind::rsa_1024;
  weak.signed_by_sha1 = true;
  WriteLeaf("good", *Mint(LeafOfProtocol(), &ca));
  const Identity leaf = std::move(*Mint(expired, &ca));
  Fake late = Start(Pem(ca), Pem(leaf), leaf.key.get());
  EXPECT_THAT(Run(late, late.ReadPort(), "good", ca).output, HasSubstr("certificate has expired"));
  const Identity small = std::move(*Mint(weak, &ca));
  Fake fake = Start(Pem(ca), Pem(small), small.key.get());
  EXPECT_THAT(Run(fake, fake.ReadPort(), "good", ca).output,
              HasSubstr("Verify return code: 0 (ok)"));
}

}  // namespace
}  // namespace zlayer::fakes::daemon
