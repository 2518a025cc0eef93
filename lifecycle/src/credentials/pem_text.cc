#include "lifecycle/src/credentials/pem_text.h"

#include <openssl/decoder.h>
#include <openssl/pem.h>

#include <array>
#include <memory>

namespace zlayer::sidecar {
namespace {

BioPtr ReaderOf(const PemText& text) {
  return BioPtr(::BIO_new_mem_buf(text.view().data(), static_cast<int>(text.view().size())));
}

/// Without a callback OpenSSL asks for the passphrase of an encrypted key on the terminal, and the
/// start would hang.
int NoPassphrase(char*, int, int, void*) { return -1; }

using Pkcs8Ptr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, OpensslFree<PKCS8_PRIV_KEY_INFO_free>>;
using DecoderPtr = std::unique_ptr<OSSL_DECODER_CTX, OpensslFree<OSSL_DECODER_CTX_free>>;

/// DER of a private key; overwritten when it is destroyed.
struct SecretDer {
  unsigned char* data = nullptr;
  long size = 0;

  SecretDer() = default;
  SecretDer(const SecretDer&) = delete;
  SecretDer& operator=(const SecretDer&) = delete;
  ~SecretDer() { ::OPENSSL_secure_clear_free(data, static_cast<size_t>(size)); }
};

/// The object identifier of the key's algorithm, in digits and dots; empty when `der` is not
/// PKCS #8.
std::string AlgorithmOf(const SecretDer& der) {
  const unsigned char* at = der.data;
  const Pkcs8Ptr info(::d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, der.size));
  const ASN1_OBJECT* algorithm = nullptr;
  if (!info || ::PKCS8_pkey_get0(&algorithm, nullptr, nullptr, nullptr, info.get()) != 1) return "";
  std::array<char, 80> text{};
  const int size = ::OBJ_obj2txt(text.data(), text.size(), algorithm, 1);
  return size > 0 ? text.data() : "";
}

/// A shortcut for keys in PKCS #8 form, whose header names the algorithm: it sets up the decoder of
/// that algorithm only. Null for other forms, and then ParseKey takes the simple way.
///
/// The simple way is PEM_read_bio_PrivateKey alone. It accepts every form, but OpenSSL 3.0 then
/// sets up the decoders of all algorithms and takes 0.46 ms for the key instead of 0.18 ms. Both
/// are parts of the phase tls_material of a start (`ColdEnsure` of bench_start;
/// bench/COLD_START.md, "What was tried").
EvpKeyPtr ParsePkcs8(const PemText& text) {
  SecretDer der;
  if (::PEM_bytes_read_bio_secmem(&der.data, &der.size, nullptr, PEM_STRING_PKCS8INF,
                                  ReaderOf(text).get(), &NoPassphrase, nullptr) != 1) {
    return nullptr;
  }
  const std::string algorithm = AlgorithmOf(der);
  if (algorithm.empty()) return nullptr;
  EVP_PKEY* key = nullptr;
  const DecoderPtr decoder(::OSSL_DECODER_CTX_new_for_pkey(
      &key, "DER", "PrivateKeyInfo", algorithm.c_str(), EVP_PKEY_KEYPAIR, nullptr, nullptr));
  const unsigned char* at = der.data;
  auto left = static_cast<size_t>(der.size);
  if (decoder) ::OSSL_DECODER_from_data(decoder.get(), &at, &left);
  return EvpKeyPtr(key);
}

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
  if (auto key = ParsePkcs8(text)) return key;
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
