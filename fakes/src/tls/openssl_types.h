// OpenSSL's objects as owning types, and its errors as text.

#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

namespace zlayer::fakes {

template <auto Free>
struct FreeBy {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

using BioPtr = std::unique_ptr<BIO, FreeBy<&BIO_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeBy<&EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, FreeBy<&X509_free>>;
using SslPtr = std::unique_ptr<SSL, FreeBy<&SSL_free>>;
using SslContextPtr = std::unique_ptr<SSL_CTX, FreeBy<&SSL_CTX_free>>;

/// A certificate, its private key, and the intermediates to send with it, the leaf's issuer first.
struct Identity {
  CertificatePtr certificate;
  KeyPtr key;
  std::vector<CertificatePtr> chain = {};
};

/// The first reason in this thread's error queue, which is emptied; empty when there is none.
inline std::string TakeOpensslError() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "";
  if (const char* reason = ERR_reason_error_string(code)) return reason;
  return "OpenSSL error " + std::to_string(code);
}

}  // namespace zlayer::fakes
