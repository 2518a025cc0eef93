#include "fakes/src/tls/sealed_record.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <array>

#include "fakes/src/tls/openssl_types.h"

namespace zlayer::fakes::daemon {
namespace {

constexpr int kTagSize = 16;
constexpr int kNonceSize = 12;

unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

/// HKDF-Expand-Label(secret, label, "", size) of RFC 8446, 7.1. Empty on failure.
std::string ExpandLabel(const EVP_MD* digest, std::string secret, std::string label, size_t size) {
  const KdfPtr kdf(EVP_KDF_fetch(nullptr, "TLS13-KDF", nullptr));
  const KdfContextPtr context(EVP_KDF_CTX_new(kdf.get()));
  std::string prefix = "tls13 ";
  std::string digest_name = EVP_MD_get0_name(digest);
  int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
  const std::array<OSSL_PARAM, 6> params = {
      OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest_name.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, secret.data(), secret.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PREFIX, prefix.data(), prefix.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_LABEL, label.data(), label.size()),
      OSSL_PARAM_construct_end()};
  std::string out(size, '\0');
  if (EVP_KDF_derive(context.get(), Bytes(out), size, params.data()) != 1) return "";
  return out;
}

/// Turns the IV into the nonce of a record: XORs the sequence number into the last eight bytes (RFC
/// 8446, 5.3).
void MixIn(std::uint64_t sequence, std::string& iv) {
  for (size_t i = 0; i < sizeof sequence; ++i) {
    const size_t at = iv.size() - 1 - i;
    iv[at] = static_cast<char>(iv[at] ^ static_cast<char>(sequence >> (8 * i)));
  }
}

bool Encrypt(const EVP_CIPHER* cipher, std::string& key, std::string& nonce, std::string& inner,
             size_t header, std::string& record) {
  const CipherContextPtr context(EVP_CIPHER_CTX_new());
  int size = 0;
  unsigned char* out = Bytes(record);
  return EVP_EncryptInit_ex2(context.get(), cipher, Bytes(key), Bytes(nonce), nullptr) == 1 &&
         EVP_EncryptUpdate(context.get(), nullptr, &size, out, static_cast<int>(header)) == 1 &&
         EVP_EncryptUpdate(context.get(), out + header, &size, Bytes(inner),
                           static_cast<int>(inner.size())) == 1 &&
         EVP_EncryptFinal_ex(context.get(), out + header + size, &size) == 1 &&
         EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize,
                             out + header + inner.size()) == 1;
}

}  // namespace

std::string SealedRecord(const SSL* ssl, std::string_view secret, std::uint64_t sequence,
                         std::uint8_t content_type, std::string_view content) {
  const SSL_CIPHER* suite = SSL_get_current_cipher(ssl);
  if (!suite) suite = SSL_get_pending_cipher(ssl);
  if (!suite || secret.empty()) return "";
  const EVP_MD* digest = SSL_CIPHER_get_handshake_digest(suite);
  const CipherPtr cipher(
      EVP_CIPHER_fetch(nullptr, OBJ_nid2sn(SSL_CIPHER_get_cipher_nid(suite)), nullptr));
  if (!digest || !cipher) return "";
  const auto key_size = static_cast<size_t>(EVP_CIPHER_get_key_length(cipher.get()));
  std::string key = ExpandLabel(digest, std::string(secret), "key", key_size);
  std::string nonce = ExpandLabel(digest, std::string(secret), "iv", kNonceSize);
  if (key.empty() || nonce.empty()) return "";
  MixIn(sequence, nonce);

  // TLS 1.3 encrypts the content type too, behind the content.
  std::string inner(content);
  inner += static_cast<char>(content_type);
  const size_t body = inner.size() + kTagSize;
  std::string record = {SSL3_RT_APPLICATION_DATA, 3, 3, static_cast<char>(body >> 8),
                        static_cast<char>(body)};
  const size_t header = record.size();
  record.resize(header + body);
  return Encrypt(cipher.get(), key, nonce, inner, header, record) ? record : "";
}

std::string FatalAlertRecord(const SSL* ssl, std::string_view traffic_secret, std::uint8_t alert) {
  const char fatal[] = {SSL3_AL_FATAL, static_cast<char>(alert)};
  return SealedRecord(ssl, traffic_secret, 0, SSL3_RT_ALERT, {fatal, sizeof fatal});
}

}  // namespace zlayer::fakes::daemon
