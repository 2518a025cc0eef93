#include "fakes/src/mint/certificate.h"

#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <memory>

namespace zlayer::fakes {
namespace {

using ExtensionPtr = std::unique_ptr<X509_EXTENSION, FreeBy<&X509_EXTENSION_free>>;

tl::unexpected<Failure> MintingFailed() {
  return StartFailed("cannot mint a certificate: " + TakeOpensslError());
}

bool AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool SetSerial(X509* certificate) {
  std::uint64_t serial = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) return false;
  return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) == 1;
}

/// A certificate with everything but its extensions, issuer and signature.
Result<Identity> Draft(const Leaf& leaf) {
  Identity draft{CertificatePtr(X509_new()), KeyPtr(EVP_EC_gen("P-256"))};
  X509* certificate = draft.certificate.get();
  if (!certificate || !draft.key) return MintingFailed();
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto* common_name = reinterpret_cast<const unsigned char*>(leaf.common_name.c_str());
  if (X509_set_version(certificate, X509_VERSION_3) != 1 || !SetSerial(certificate) ||
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, common_name, -1, -1, 0) != 1 ||
      !X509_gmtime_adj(X509_getm_notBefore(certificate), leaf.begins_in_secs) ||
      !X509_gmtime_adj(X509_getm_notAfter(certificate), leaf.ends_in_secs) ||
      X509_set_pubkey(certificate, draft.key.get()) != 1) {
    return MintingFailed();
  }
  return draft;
}

bool AddLeafExtensions(X509* certificate, X509* issuer, const Leaf& leaf) {
  return AddExtension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
         AddExtension(certificate, issuer, NID_key_usage, "critical,digitalSignature") &&
         AddExtension(certificate, issuer, NID_ext_key_usage, "serverAuth,clientAuth") &&
         AddExtension(certificate, issuer, NID_subject_alt_name, leaf.subject_alt_names) &&
         AddExtension(certificate, issuer, NID_subject_key_identifier, "hash") &&
         AddExtension(certificate, issuer, NID_authority_key_identifier, "keyid");
}

bool Sign(X509* certificate, X509* issuer, EVP_PKEY* key) {
  return X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
         X509_sign(certificate, key, EVP_sha256()) > 0;
}

}  // namespace

Leaf LeafOfProtocol() {
  return {.common_name = "zlayer-buildd",
          .subject_alt_names = "DNS:zlayer-buildd,DNS:localhost,IP:127.0.0.1,IP:::1"};
}

Result<Identity> MintAuthority(const std::string& common_name) {
  Result<Identity> authority = Draft({.common_name = common_name, .subject_alt_names = ""});
  if (!authority) return authority;
  X509* certificate = authority->certificate.get();
  if (!AddExtension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE") ||
      !AddExtension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !AddExtension(certificate, certificate, NID_subject_key_identifier, "hash") ||
      !Sign(certificate, certificate, authority->key.get())) {
    return MintingFailed();
  }
  return authority;
}

Result<Identity> MintLeaf(const Leaf& leaf, const Identity& authority) {
  Result<Identity> minted = Draft(leaf);
  if (!minted) return minted;
  X509* certificate = minted->certificate.get();
  if (!AddLeafExtensions(certificate, authority.certificate.get(), leaf) ||
      !Sign(certificate, authority.certificate.get(), authority.key.get())) {
    return MintingFailed();
  }
  return minted;
}

Result<Identity> MintSelfSignedLeaf(const Leaf& leaf) {
  Result<Identity> minted = Draft(leaf);
  if (!minted) return minted;
  X509* certificate = minted->certificate.get();
  if (!AddLeafExtensions(certificate, certificate, leaf) ||
      !Sign(certificate, certificate, minted->key.get())) {
    return MintingFailed();
  }
  return minted;
}

}  // namespace zlayer::fakes
