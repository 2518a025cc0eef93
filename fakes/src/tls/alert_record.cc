#include "fakes/src/tls/alert_record.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <array>
#include <memory>

#include "fakes/src/tls/openssl_types.h"

namespace zlayer::fakes {
namespace {

using KdfPtr = std::unique_ptr<EVP_KDF, FreeBy<&EVP_KDF_free>>;
using KdfContextPtr = std::unique_ptr<EVP_KDF_CTX, FreeBy<&EVP_KDF_CTX_free>>;
using CipherPtr = std::unique_ptr<EVP_CIPHER, FreeBy<&EVP_CIPHER_free>>;
using CipherContextPtr = std::unique_ptr<EVP_CIPHER_CTX, FreeBy<&EVP_CIPHER_CTX_free>>;

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

}  // namespace

std::string FatalAlertRecord(const SSL* ssl, std::string_view server_secret, std::uint8_t alert) {
  const SSL_CIPHER* suite = SSL_get_current_cipher(ssl);
  if (!suite || server_secret.empty()) return "";
  const EVP_MD* digest = SSL_CIPHER_get_handshake_digest(suite);
  const CipherPtr cipher(
      EVP_CIPHER_fetch(nullptr, OBJ_nid2sn(SSL_CIPHER_get_cipher_nid(suite)), nullptr));
  if (!digest || !cipher) return "";
  const auto key_size = static_cast<size_t>(EVP_CIPHER_get_key_length(cipher.get()));
  std::string key = ExpandLabel(digest, std::string(server_secret), "key", key_size);
  // The sequence number is 0: the nonce is the IV itself.
  std::string nonce = ExpandLabel(digest, std::string(server_secret), "iv", kNonceSize);
  if (key.empty() || nonce.empty()) return "";

  // Level fatal, the alert, and the true content type at the end.
  std::string inner = {2, static_cast<char>(alert), SSL3_RT_ALERT};
  const size_t body = inner.size() + kTagSize;
  std::string record = {SSL3_RT_APPLICATION_DATA, 3, 3, 0, static_cast<char>(body)};
  const size_t header = record.size();
  record.resize(header + body);
  const CipherContextPtr context(EVP_CIPHER_CTX_new());
  int size = 0;
  unsigned char* out = Bytes(record);
  if (EVP_EncryptInit_ex2(context.get(), cipher.get(), Bytes(key), Bytes(nonce), nullptr) != 1 ||
      EVP_EncryptUpdate(context.get(), nullptr, &size, out, static_cast<int>(header)) != 1 ||
      EVP_EncryptUpdate(context.get(), out + header, &size, Bytes(inner),
                        static_cast<int>(inner.size())) != 1 ||
      EVP_EncryptFinal_ex(context.get(), out + header + size, &size) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize,
                          out + header + inner.size()) != 1) {
    return "";
  }
  return record;
}

}  // namespace zlayer::fakes
