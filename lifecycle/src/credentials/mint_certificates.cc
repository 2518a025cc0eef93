#include "lifecycle/src/credentials/mint_certificates.h"

#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>

namespace zlayer::sidecar {
namespace {

constexpr long kDay = 24 * 60 * 60;
/// The certificates are valid from a day ago, so that a clock that is set back later does not make
/// them invalid.
constexpr long kBackdate = kDay;
constexpr long kLifetime = 3650 * kDay;

bool AddExtension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = ::X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  if (!extension) return false;
  const bool added = ::X509_add_ext(certificate, extension, -1) == 1;
  ::X509_EXTENSION_free(extension);
  return added;
}

/// 126 random bits: unique without a record of used numbers. The top bits are 01, so the number is
/// positive and never 0, as RFC 5280 demands.
bool SetRandomSerial(X509* certificate) {
  std::array<unsigned char, 16> bytes;
  if (::RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return false;
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x3f) | 0x40);
  BIGNUM* number = ::BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr);
  const bool set = number && ::BN_to_ASN1_INTEGER(number, ::X509_get_serialNumber(certificate));
  ::BN_free(number);
  return set;
}

bool SetName(X509_NAME* name, const char* common_name) {
  return ::X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                      reinterpret_cast<const unsigned char*>(common_name), -1, -1,
                                      0) == 1;
}

/// A version 3 certificate for `key`, without extensions, issuer and signature.
X509Ptr NewCertificate(const char* common_name, EVP_PKEY* key) {
  X509Ptr certificate(::X509_new());
  const bool filled = certificate && ::X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
                      SetRandomSerial(certificate.get()) &&
                      ::X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kBackdate) &&
                      ::X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kLifetime) &&
                      ::X509_set_pubkey(certificate.get(), key) == 1 &&
                      SetName(::X509_get_subject_name(certificate.get()), common_name);
  return filled ? std::move(certificate) : nullptr;
}

bool IssueCa(X509* ca, EVP_PKEY* key) {
  return ::X509_set_issuer_name(ca, ::X509_get_subject_name(ca)) == 1 &&
         AddExtension(ca, ca, NID_basic_constraints, "critical,CA:TRUE") &&
         AddExtension(ca, ca, NID_key_usage, "critical,keyCertSign,cRLSign") &&
         AddExtension(ca, ca, NID_subject_key_identifier, "hash") &&
         ::X509_sign(ca, key, ::EVP_sha256()) > 0;
}

bool IssueLeaf(X509* leaf, X509* ca, EVP_PKEY* ca_key) {
  return ::X509_set_issuer_name(leaf, ::X509_get_subject_name(ca)) == 1 &&
         AddExtension(leaf, ca, NID_basic_constraints, "critical,CA:FALSE") &&
         AddExtension(leaf, ca, NID_key_usage, "critical,digitalSignature") &&
         AddExtension(leaf, ca, NID_ext_key_usage, "serverAuth,clientAuth") &&
         AddExtension(leaf, ca, NID_subject_alt_name,
                      "DNS:zlayer-buildd,DNS:localhost,IP:127.0.0.1,IP:::1") &&
         AddExtension(leaf, ca, NID_subject_key_identifier, "hash") &&
         AddExtension(leaf, ca, NID_authority_key_identifier, "keyid") &&
         ::X509_sign(leaf, ca_key, ::EVP_sha256()) > 0;
}

}  // namespace

MintedCertificates MintCertificates() {
  const EvpKeyPtr ca_key(::EVP_EC_gen("P-256"));
  EvpKeyPtr leaf_key(::EVP_EC_gen("P-256"));
  if (!ca_key || !leaf_key) return {};
  X509Ptr ca = NewCertificate("zlayer-buildd-ca", ca_key.get());
  X509Ptr leaf = NewCertificate("zlayer-buildd", leaf_key.get());
  if (!ca || !leaf || !IssueCa(ca.get(), ca_key.get()) ||
      !IssueLeaf(leaf.get(), ca.get(), ca_key.get())) {
    return {};
  }
  return {std::move(ca), std::move(leaf), std::move(leaf_key)};
}

}  // namespace zlayer::sidecar
