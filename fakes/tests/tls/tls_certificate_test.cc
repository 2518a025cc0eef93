// Every defect of `tls_certificate`, named by a client that is not ours: openssl.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "fakes/tests/tls/openssl_client.h"

namespace zlayer::fakes {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Defect {
  const char* name;
  const char* verdict;  // part of openssl's output
};

/// The verdicts are texts of X509_verify_cert_error_string and of OpenSSL's TLS.
const Defect kRefused[] = {{"EXPIRED", "certificate has expired"},
                           {"JUST_EXPIRED", "certificate has expired"},
                           {"NOT_YET_VALID", "certificate is not yet valid"},
                           {"UNKNOWN_CA", "unable to get local issuer certificate"},
                           {"IMPOSTOR_CA", "unable to get local issuer certificate"},
                           {"SELF_SIGNED", "self-signed certificate"},
                           {"CA_EXPIRED", "certificate has expired"},
                           {"INTERMEDIATE_MISSING", "unable to get local issuer certificate"},
                           {"INTERMEDIATE_NO_CA", "invalid CA certificate"},
                           {"INTERMEDIATE_WITHOUT_CONSTRAINTS", "invalid CA certificate"},
                           {"PATH_TOO_LONG", "path length constraint exceeded"},
                           {"LEAF_AS_CA", "invalid CA certificate"},
                           {"NAME_CONSTRAINT", "permitted subtree violation"},
                           {"CLIENT_AUTH_ONLY", "unsuitable certificate purpose"},
                           {"EMAIL_ONLY", "unsuitable certificate purpose"},
                           {"WRONG_NAME", "hostname mismatch"},
                           {"IP_AS_DNS_NAME", "hostname mismatch"},
                           {"ILLEGAL_WILDCARD", "hostname mismatch"},
                           {"SHA1_SIGNATURE", "too weak"},
                           {"RSA_1024", "EE certificate key too weak"},
                           {"UNKNOWN_CRITICAL_EXTENSION", "unhandled critical extension"},
                           {"KEY_MISMATCH", "bad signature"}};

Fake FakeWith(const std::string& defect) {
  return Fake({.plan = "fault { tls_certificate { defect: " + defect + " } }"});
}

TEST(TlsCertificateTest, OpensslNamesTheDefect) {
  for (const Defect& defect : kRefused) {
    Fake fake = FakeWith(defect.name);
    const std::string port = fake.ReadPort();
    EXPECT_FALSE(fake.HasFired("tls_certificate"));
    const Seen seen = RunOpenssl(ClientArguments(fake, port));
    EXPECT_EQ(seen.ended, Ended::WithCode(1)) << defect.name;
    EXPECT_THAT(seen.output, HasSubstr(defect.verdict)) << defect.name;
    EXPECT_TRUE(fake.HasFired("tls_certificate"));
    EXPECT_FALSE(Verdict(fake).accepted());
  }
}

/// The subjectAltName of the leaf in openssl's output.
std::string AlternativeNames(const Fake& fake, const Seen& seen) {
  const size_t begin = seen.output.find("-----BEGIN CERTIFICATE-----");
  EXPECT_NE(begin, std::string::npos) << seen.output;
  const std::string path = fake.directory() / "leaf.pem";
  std::ofstream(path) << seen.output.substr(begin);
  return RunOpenssl({"x509", "-noout", "-ext", "subjectAltName", "-in", path}).output;
}

TEST(TlsCertificateTest, WithoutADnsNameOpensslFallsBackToTheSubject) {
  Fake addresses = FakeWith("IP_ONLY");
  const Seen by_address = RunOpenssl(ClientArguments(addresses, addresses.ReadPort()));
  EXPECT_EQ(by_address.ended, Ended::WithCode(0));
  EXPECT_THAT(AlternativeNames(addresses, by_address), HasSubstr("IP Address:127.0.0.1"));
  EXPECT_THAT(AlternativeNames(addresses, by_address), Not(HasSubstr("DNS")));
  EXPECT_TRUE(addresses.HasFired("tls_certificate"));

  Fake nothing = FakeWith("COMMON_NAME_ONLY");
  const Seen by_subject = RunOpenssl(ClientArguments(nothing, nothing.ReadPort()));
  EXPECT_EQ(by_subject.ended, Ended::WithCode(0));
  EXPECT_THAT(AlternativeNames(nothing, by_subject), HasSubstr("No extensions"));
  EXPECT_TRUE(nothing.HasFired("tls_certificate"));
}

TEST(TlsCertificateTest, ARevokedLeafIsRefusedByWhoReadsTheList) {
  Fake careless = FakeWith("REVOKED");
  const Seen accepted = RunOpenssl(ClientArguments(careless, careless.ReadPort()));
  EXPECT_EQ(accepted.ended, Ended::WithCode(0)) << accepted.output;
  EXPECT_TRUE(careless.HasFired("tls_certificate"));

  for (const bool revoked : {true, false}) {
    Fake fake = revoked ? FakeWith("REVOKED") : Fake();
    auto arguments = ClientArguments(fake, fake.ReadPort());
    arguments.insert(arguments.end(), {"-CRL", fake.tls("crl.pem"), "-crl_check"});
    const Seen seen = RunOpenssl(arguments);
    EXPECT_EQ(seen.ended, Ended::WithCode(revoked ? 1 : 0)) << seen.output;
    EXPECT_EQ(seen.output.find("certificate revoked") != std::string::npos, revoked);
  }
}

TEST(TlsCertificateTest, TheTableHasEveryDefectOfTheSchema) {
  // All but DEFECT_UNSET and the three that openssl accepts: IP_ONLY, COMMON_NAME_ONLY, REVOKED.
  EXPECT_EQ(std::size(kRefused) + 4,
            static_cast<size_t>(v1::TlsCertificate::Defect_descriptor()->value_count()));
}

}  // namespace
}  // namespace zlayer::fakes
