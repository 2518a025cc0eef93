// OpenSSL's objects as owning types, and its errors as text.

#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/param_build.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

namespace zlayer::fakes::daemon {

template <auto Free>
struct FreeBy {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

/// Owns an OpenSSL object and frees it with `Free`.
template <typename T, auto Free>
using Owned = std::unique_ptr<T, FreeBy<Free>>;

using BigNumberPtr = Owned<BIGNUM, &BN_free>;
using BioPtr = Owned<BIO, &BIO_free>;
using CertificatePtr = Owned<X509, &X509_free>;
using CipherContextPtr = Owned<EVP_CIPHER_CTX, &EVP_CIPHER_CTX_free>;
using CipherPtr = Owned<EVP_CIPHER, &EVP_CIPHER_free>;
using ExtensionPtr = Owned<X509_EXTENSION, &X509_EXTENSION_free>;
using IntegerPtr = Owned<ASN1_INTEGER, &ASN1_INTEGER_free>;
using KdfContextPtr = Owned<EVP_KDF_CTX, &EVP_KDF_CTX_free>;
using KdfPtr = Owned<EVP_KDF, &EVP_KDF_free>;
using KeyContextPtr = Owned<EVP_PKEY_CTX, &EVP_PKEY_CTX_free>;
using KeyPtr = Owned<EVP_PKEY, &EVP_PKEY_free>;
using ObjectPtr = Owned<ASN1_OBJECT, &ASN1_OBJECT_free>;
using OctetsPtr = Owned<ASN1_OCTET_STRING, &ASN1_OCTET_STRING_free>;
using ParamBuilderPtr = Owned<OSSL_PARAM_BLD, &OSSL_PARAM_BLD_free>;
using ParamsPtr = Owned<OSSL_PARAM, &OSSL_PARAM_free>;
using RevocationListPtr = Owned<X509_CRL, &X509_CRL_free>;
using RevokedPtr = Owned<X509_REVOKED, &X509_REVOKED_free>;
using SslContextPtr = Owned<SSL_CTX, &SSL_CTX_free>;
using SslPtr = Owned<SSL, &SSL_free>;
using TimePtr = Owned<ASN1_TIME, &ASN1_TIME_free>;

/// A certificate, its private key, and the intermediates to send with it, the leaf's issuer first.
struct Identity {
  CertificatePtr certificate;
  KeyPtr key;
  std::vector<CertificatePtr> chain = {};
};

/// The first (innermost) reason in this thread's error queue, or an empty string. Clears the queue.
inline std::string TakeOpensslError() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "";
  if (const char* reason = ERR_reason_error_string(code)) return reason;
  return "OpenSSL error " + std::to_string(code);
}

}  // namespace zlayer::fakes::daemon
