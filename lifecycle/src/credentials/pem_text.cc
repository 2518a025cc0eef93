#include "lifecycle/src/credentials/pem_text.h"

#include <openssl/pem.h>

#include <memory>

namespace zlayer::sidecar {
namespace {

BioPtr ReaderOf(const PemText& text) {
  return BioPtr(::BIO_new_mem_buf(text.view().data(), static_cast<int>(text.view().size())));
}

/// Without a callback OpenSSL asks for the passphrase of an encrypted key on the terminal, and the
/// start would hang.
int NoPassphrase(char*, int, int, void*) { return -1; }

PemText Content(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return PemText(std::string(data, static_cast<size_t>(size)));
}

/// All objects of one kind up to the end of the text; none of them when one is damaged.
template <typename Ptr, auto Read>
std::vector<Ptr> ParseAll(const PemText& text) {
  ::ERR_clear_error();
  const BioPtr reader = ReaderOf(text);
  std::vector<Ptr> all;
  for (;;) {
    Ptr next(Read(reader.get(), nullptr, nullptr, nullptr));
    if (!next) break;
    all.push_back(std::move(next));
  }
  const unsigned long error = ::ERR_peek_last_error();
  const bool at_end =
      ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  if (!all.empty() && at_end) {
    ::ERR_clear_error();
    return all;
  }
  return {};
}

}  // namespace

std::vector<X509Ptr> ParseCertificates(const PemText& text) {
  return ParseAll<X509Ptr, ::PEM_read_bio_X509>(text);
}

std::vector<X509CrlPtr> ParseRevocationLists(const PemText& text) {
  return ParseAll<X509CrlPtr, ::PEM_read_bio_X509_CRL>(text);
}

EvpKeyPtr ParseKey(const PemText& text) {
  ::ERR_clear_error();
  return EvpKeyPtr(
      ::PEM_read_bio_PrivateKey(ReaderOf(text).get(), nullptr, &NoPassphrase, nullptr));
}

PemText PemOf(X509* certificate) {
  const BioPtr bio(::BIO_new(::BIO_s_mem()));
  ::PEM_write_bio_X509(bio.get(), certificate);
  return Content(bio.get());
}

PemText PemOf(EVP_PKEY* key) {
  // A secure BIO overwrites its memory when it grows and when it is freed.
  const BioPtr bio(::BIO_new(::BIO_s_secmem()));
  ::PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return Content(bio.get());
}

}  // namespace zlayer::sidecar
