#include "fakes/src/tls/pem.h"

#include <openssl/pem.h>

#include "proto/message_file.h"

namespace zlayer::fakes::daemon {
namespace {

Result<BioPtr> OpenFile(const std::string& path) {
  auto content = ReadFile(path);
  if (!content) return StartFailed(content.error());
  BioPtr bio(BIO_new(BIO_s_mem()));
  BIO_write(bio.get(), content->data(), static_cast<int>(content->size()));
  return bio;
}

std::string Content(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

}  // namespace

Result<CertificatePtr> ReadCertificate(const std::string& path) {
  const Result<BioPtr> bio = OpenFile(path);
  if (!bio) return tl::unexpected(bio.error());
  CertificatePtr certificate(PEM_read_bio_X509(bio->get(), nullptr, nullptr, nullptr));
  if (!certificate) return StartFailed(path + ": no PEM certificate: " + TakeOpensslError());
  return certificate;
}

Result<KeyPtr> ReadKey(const std::string& path) {
  const Result<BioPtr> bio = OpenFile(path);
  if (!bio) return tl::unexpected(bio.error());
  KeyPtr key(PEM_read_bio_PrivateKey(bio->get(), nullptr, nullptr, nullptr));
  if (!key) return StartFailed(path + ": no PEM private key: " + TakeOpensslError());
  return key;
}

std::string CertificateToPem(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  return Content(bio.get());
}

std::string KeyToPem(EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return Content(bio.get());
}

}  // namespace zlayer::fakes::daemon
