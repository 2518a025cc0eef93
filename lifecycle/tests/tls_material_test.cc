#include "tls_material.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include "openssl_ptr.h"
#include "temporary_directory.h"
#include "tls_session.h"

namespace zlayer::sidecar {
namespace {

using ::testing::HasSubstr;

X509Ptr ReadCertificate(const std::string& path) {
  const BioPtr file(::BIO_new_file(path.c_str(), "r"));
  return X509Ptr(::PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr));
}

unsigned ModeOf(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777u;
}

std::string ContentOf(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

int Verify(X509* ca, X509* leaf, int purpose) {
  X509_STORE* store = ::X509_STORE_new();
  ::X509_STORE_add_cert(store, ca);
  X509_STORE_CTX* context = ::X509_STORE_CTX_new();
  ::X509_STORE_CTX_init(context, store, leaf, nullptr);
  ::X509_STORE_CTX_set_purpose(context, purpose);
  ::X509_verify_cert(context);
  const int verdict = ::X509_STORE_CTX_get_error(context);
  ::X509_STORE_CTX_free(context);
  ::X509_STORE_free(store);
  return verdict;
}

TEST(TlsMaterialTest, TheLeafServesBothSidesUnderItsNames) {
  const TemporaryDirectory directory;
  const auto material = EnsureTlsMaterial(directory / "tls");
  ASSERT_TRUE(material) << material.error().message;
  const X509Ptr ca = ReadCertificate(material->ca_path);
  const X509Ptr leaf = ReadCertificate(material->cert_path);
  ASSERT_TRUE(ca && leaf);
  EXPECT_EQ(Verify(ca.get(), leaf.get(), X509_PURPOSE_SSL_SERVER), X509_V_OK);
  EXPECT_EQ(Verify(ca.get(), leaf.get(), X509_PURPOSE_SSL_CLIENT), X509_V_OK);
  for (const char* name : {"zlayer-buildd", "localhost"}) {
    EXPECT_EQ(::X509_check_host(leaf.get(), name, 0, 0, nullptr), 1) << name;
  }
  for (const char* ip : {"127.0.0.1", "::1"}) {
    EXPECT_EQ(::X509_check_ip_asc(leaf.get(), ip, 0), 1) << ip;
  }
  EXPECT_TRUE(MakeTlsContext(*material));
}

TEST(TlsMaterialTest, OnlyTheOwnerMayReadIt) {
  const TemporaryDirectory directory;
  const auto material = EnsureTlsMaterial(directory / "tls");
  ASSERT_TRUE(material) << material.error().message;
  EXPECT_EQ(ModeOf(directory / "tls"), 0700u);
  for (const auto& path : {material->ca_path, material->cert_path, material->key_path}) {
    EXPECT_EQ(ModeOf(path), 0600u) << path;
  }
}

TEST(TlsMaterialTest, ACompleteSetIsReusedAnIncompleteOneReplaced) {
  const TemporaryDirectory directory;
  const auto material = EnsureTlsMaterial(directory.path());
  ASSERT_TRUE(material) << material.error().message;
  const std::string first = ContentOf(material->ca_path);
  ASSERT_TRUE(EnsureTlsMaterial(directory.path()));
  EXPECT_EQ(ContentOf(material->ca_path), first);
  std::filesystem::remove(material->key_path);
  ASSERT_TRUE(EnsureTlsMaterial(directory.path()));
  EXPECT_NE(ContentOf(material->ca_path), first);
}

TEST(TlsMaterialTest, AnUnusableFileIsNamed) {
  const TemporaryDirectory directory;
  const auto material = EnsureTlsMaterial(directory.path());
  ASSERT_TRUE(material) << material.error().message;
  directory.Write("cert.pem", "garbage", 0600);
  const auto context = MakeTlsContext(*material);
  ASSERT_FALSE(context);
  EXPECT_EQ(context.error().kind, ErrorKind::tls_material);
  EXPECT_THAT(context.error().message, HasSubstr(material->cert_path));
}

TEST(TlsMaterialTest, AKeyOfAnotherCertificateIsRefused) {
  const TemporaryDirectory ours;
  const TemporaryDirectory others;
  const auto material = EnsureTlsMaterial(ours.path());
  const auto foreign = EnsureTlsMaterial(others.path());
  ASSERT_TRUE(material && foreign);
  std::filesystem::copy_file(foreign->key_path, material->key_path,
                             std::filesystem::copy_options::overwrite_existing);
  const auto context = MakeTlsContext(*material);
  ASSERT_FALSE(context);
  EXPECT_THAT(context.error().message, HasSubstr(material->key_path + ": key values mismatch"));
}

}  // namespace
}  // namespace zlayer::sidecar
