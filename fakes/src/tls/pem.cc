#include "fakes/src/tls/pem.h"

#include <openssl/pem.h>

#include <utility>

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

/// One block of a PEM file. Both are empty where a block is damaged.
struct Block {
  std::string type;
  std::string der;
};

/// Takes the next block. False when no block follows.
bool NextBlock(BIO* bio, Block& block) {
  block = {};
  char* type = nullptr;
  char* headers = nullptr;
  unsigned char* der = nullptr;
  long size = 0;
  ERR_clear_error();
  if (PEM_read_bio(bio, &type, &headers, &der, &size) != 1) {
    // Every other error has consumed at least one line.
    return ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE;
  }
  // The deployed daemon passes over a block with headers, too.
  if (!*headers)
    block = {type, std::string(reinterpret_cast<char*>(der), static_cast<size_t>(size))};
  OPENSSL_free(type);
  OPENSSL_free(headers);
  OPENSSL_free(der);
  return true;
}

CertificatePtr Decode(const std::string& der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  return CertificatePtr(d2i_X509(nullptr, &bytes, static_cast<long>(der.size())));
}

std::string Content(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

}  // namespace

Result<std::vector<CertificatePtr>> ReadCertificates(const std::string& path) {
  const Result<BioPtr> bio = OpenFile(path);
  if (!bio) return tl::unexpected(bio.error());
  std::vector<CertificatePtr> certificates;
  for (Block block; NextBlock(bio->get(), block);) {
    if (block.type != PEM_STRING_X509) continue;
    if (CertificatePtr decoded = Decode(block.der)) certificates.push_back(std::move(decoded));
  }
  ERR_clear_error();
  if (certificates.empty()) return StartFailed(path + ": holds no PEM certificate");
  return certificates;
}

Result<CertificatePtr> ReadCertificate(const std::string& path) {
  Result<std::vector<CertificatePtr>> certificates = ReadCertificates(path);
  if (!certificates) return tl::unexpected(certificates.error());
  return std::move(certificates->front());
}

Result<KeyPtr> ReadKey(const std::string& path) {
  const Result<BioPtr> bio = OpenFile(path);
  if (!bio) return tl::unexpected(bio.error());
  KeyPtr key(PEM_read_bio_PrivateKey(bio->get(), nullptr, nullptr, nullptr));
  if (!key) return StartFailed(path + ": no PEM private key: " + TakeOpensslError());
  return key;
}

std::string SubjectOf(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  return Content(bio.get());
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
