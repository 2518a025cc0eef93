// Certificates and keys as PEM text, which is wiped from memory when it is destroyed.

#pragma once

#include <openssl/crypto.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lifecycle/src/credentials/openssl_ptr.h"

namespace zlayer::sidecar {

/// Overwritten when it is destroyed. Move-only: a copy could stay in memory.
class PemText {
 public:
  PemText() = default;
  explicit PemText(std::string text) : text_(std::move(text)) {}
  PemText(PemText&& other) noexcept : text_(std::exchange(other.text_, {})) {}
  PemText& operator=(PemText&& other) noexcept {
    text_.swap(other.text_);
    return *this;
  }
  ~PemText() { ::OPENSSL_cleanse(text_.data(), text_.size()); }

  std::string_view view() const { return text_; }

 private:
  std::string text_;
};

/// The content of the three files.
struct PemSet {
  PemText ca;
  PemText cert;
  PemText key;
};

/// All certificates of the text, in order. Empty, with a reason in OpenSSL's error queue, when the
/// text has no certificate or one of them is damaged.
std::vector<X509Ptr> ParseCertificates(const PemText& text);
/// As ParseCertificates, for revocation lists.
std::vector<X509CrlPtr> ParseRevocationLists(const PemText& text);
/// Null, with a reason in OpenSSL's error queue, when the text has no key or it is encrypted. Never
/// asks for a passphrase.
EvpKeyPtr ParseKey(const PemText& text);

PemText PemOf(X509* certificate);
PemText PemOf(EVP_PKEY* key);

}  // namespace zlayer::sidecar
