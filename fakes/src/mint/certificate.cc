#include "fakes/src/mint/certificate.h"

#include <openssl/core_names.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace zlayer::fakes::daemon {
namespace {

/// An object identifier that IANA reserves for documentation (RFC 5612), so no client knows it.
constexpr char kUnknownExtension[] = "1.3.6.1.4.1.32473.1";

tl::unexpected<Failure> MintingFailed() {
  return StartFailed("cannot mint a certificate: " + TakeOpensslError());
}

bool AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  if (value.empty()) return true;
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool AddUnknownCriticalExtension(X509* certificate) {
  const ObjectPtr name(OBJ_txt2obj(kUnknownExtension, 1));
  const OctetsPtr value(ASN1_OCTET_STRING_new());
  constexpr unsigned char kNull[] = {5, 0};
  if (ASN1_OCTET_STRING_set(value.get(), kNull, sizeof kNull) != 1) return false;
  const ExtensionPtr extension(X509_EXTENSION_create_by_OBJ(nullptr, name.get(), 1, value.get()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool SetSerial(X509* certificate, std::optional<std::uint64_t> wanted) {
  if (wanted) return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), *wanted) == 1;
  std::uint64_t serial = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) return false;
  return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) == 1;
}

bool SetSubject(X509* certificate, const std::string& common_name) {
  const auto* text = reinterpret_cast<const unsigned char*>(common_name.c_str());
  return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8, text,
                                    -1, -1, 0) == 1;
}

bool SetValidity(X509* certificate, const CertificateDraft& draft) {
  return X509_gmtime_adj(X509_getm_notBefore(certificate), draft.begins_in_secs) &&
         X509_gmtime_adj(X509_getm_notAfter(certificate), draft.ends_in_secs);
}

bool AddExtensions(X509* certificate, X509* issuer, const CertificateDraft& draft) {
  const std::string own = draft.key_identifiers ? "hash" : "";
  const std::string issuers = draft.key_identifiers && issuer != certificate ? "keyid" : "";
  return AddExtension(certificate, issuer, NID_basic_constraints, draft.basic_constraints) &&
         AddExtension(certificate, issuer, NID_key_usage, draft.key_usage) &&
         AddExtension(certificate, issuer, NID_ext_key_usage, draft.extended_key_usage) &&
         AddExtension(certificate, issuer, NID_subject_alt_name, draft.subject_alt_names) &&
         AddExtension(certificate, issuer, NID_name_constraints, draft.name_constraints) &&
         AddExtension(certificate, issuer, NID_subject_key_identifier, own) &&
         AddExtension(certificate, issuer, NID_authority_key_identifier, issuers) &&
         (!draft.unknown_critical_extension || AddUnknownCriticalExtension(certificate));
}

bool Sign(X509* certificate, X509* issuer, EVP_PKEY* key, bool by_sha1) {
  const EVP_MD* digest = by_sha1 ? EVP_sha1() : DigestOf(key);
  return X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
         X509_sign(certificate, key, digest) > 0;
}

KeyPtr NewKey(KeyKind kind) {
  switch (kind) {
    case KeyKind::p521:
      return KeyPtr(EVP_EC_gen("P-521"));
    case KeyKind::rsa_1024:
      return KeyPtr(EVP_RSA_gen(1024));
    case KeyKind::rsa_2048:
      return KeyPtr(EVP_RSA_gen(2048));
    case KeyKind::ed25519:
      return KeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    default:
      return KeyPtr(EVP_EC_gen("P-256"));
  }
}

}  // namespace

const EVP_MD* DigestOf(const EVP_PKEY* key) {
  return EVP_PKEY_is_a(key, "ED25519") == 1 ? nullptr : EVP_sha256();
}

CertificateDraft LeafOfProtocol() {
  return {.common_name = "zlayer-buildd",
          .subject_alt_names = "DNS:zlayer-buildd,DNS:localhost,IP:127.0.0.1,IP:::1"};
}

CertificateDraft AuthorityDraft(const std::string& common_name) {
  return {.common_name = common_name,
          .basic_constraints = "critical,CA:TRUE",
          .key_usage = "critical,keyCertSign,cRLSign",
          .extended_key_usage = ""};
}

Result<Identity> Mint(const CertificateDraft& draft, const Identity* issuer) {
  Identity minted{CertificatePtr(X509_new()), NewKey(draft.key)};
  X509* certificate = minted.certificate.get();
  if (!certificate || !minted.key) return MintingFailed();
  X509* issuers = issuer ? issuer->certificate.get() : certificate;
  EVP_PKEY* key = issuer ? issuer->key.get() : minted.key.get();
  if (X509_set_version(certificate, X509_VERSION_3) != 1 || !SetSerial(certificate, draft.serial) ||
      !SetSubject(certificate, draft.common_name) || !SetValidity(certificate, draft) ||
      X509_set_pubkey(certificate, minted.key.get()) != 1 ||
      !AddExtensions(certificate, issuers, draft) ||
      !Sign(certificate, issuers, key, draft.signed_by_sha1)) {
    return MintingFailed();
  }
  return minted;
}

Result<KeyPtr> MismatchedKey(EVP_PKEY* shown) {
  size_t size = 0;
  unsigned char point[128];
  const KeyPtr other(EVP_EC_gen("P-256"));
  BIGNUM* raw_secret = nullptr;
  if (!other ||
      EVP_PKEY_get_octet_string_param(shown, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point, &size) !=
          1 ||
      EVP_PKEY_get_bn_param(other.get(), OSSL_PKEY_PARAM_PRIV_KEY, &raw_secret) != 1) {
    return MintingFailed();
  }
  const BigNumberPtr secret(raw_secret);
  const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point, size);
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, secret.get());
  const ParamsPtr params(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, params.get()) != 1) {
    return MintingFailed();
  }
  return KeyPtr(key);
}

}  // namespace zlayer::fakes::daemon
