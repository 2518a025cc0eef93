#include "fakes/src/tls/client_judgement.h"

#include <openssl/x509v3.h>

#include "fakes/src/tls/openssl_types.h"

namespace zlayer::fakes::daemon {
namespace {

using StoreContextPtr = Owned<X509_STORE_CTX, &X509_STORE_CTX_free>;

/// Go looks at the leaf before it looks for its issuer: an expired leaf of an unknown CA is
/// expired.
int JudgeLeaf(X509* leaf, std::time_t now) {
  X509_check_purpose(leaf, -1, 0);  // makes OpenSSL read the extensions
  if ((X509_get_extension_flags(leaf) & EXFLAG_CRITICAL) != 0) {
    return X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION;
  }
  if (X509_cmp_time(X509_get0_notBefore(leaf), &now) > 0) return X509_V_ERR_CERT_NOT_YET_VALID;
  if (X509_cmp_time(X509_get0_notAfter(leaf), &now) < 0) return X509_V_ERR_CERT_HAS_EXPIRED;
  return X509_V_OK;
}

bool HasWeakSignature(X509* certificate) {
  int digest = NID_undef;
  X509_get_signature_info(certificate, &digest, nullptr, nullptr, nullptr);
  return digest == NID_sha1 || digest == NID_md5;
}

/// True when the certificate, or a CA above it, may not identify a client. One without an extended
/// key usage may do anything.
bool IsForOtherPurpose(X509* certificate) {
  if ((X509_get_extension_flags(certificate) & EXFLAG_XKUSAGE) == 0) return false;
  return (X509_get_extended_key_usage(certificate) & (XKU_SSL_CLIENT | XKU_ANYEKU)) == 0;
}

/// Checks what OpenSSL does not check in a chain that it has found good. The anchor's own signature
/// does not count.
int JudgeChain(const STACK_OF(X509) * chain) {
  const int size = sk_X509_num(chain);
  for (int i = 0; i + 1 < size; ++i) {
    if (HasWeakSignature(sk_X509_value(chain, i))) return X509_V_ERR_CA_MD_TOO_WEAK;
  }
  for (int i = 0; i < size; ++i) {
    if (IsForOtherPurpose(sk_X509_value(chain, i))) return X509_V_ERR_INVALID_PURPOSE;
  }
  return X509_V_OK;
}

int Verify(X509_STORE_CTX* chain, std::time_t now) {
  X509_STORE_CTX_set_time(chain, 0, now);
  if (X509_verify_cert(chain) == 1) return JudgeChain(X509_STORE_CTX_get0_chain(chain));
  const int error = X509_STORE_CTX_get_error(chain);
  return error == X509_V_OK ? X509_V_ERR_UNSPECIFIED : error;
}

/// Verifies with `anchor` as the only CA.
int VerifyBy(X509* anchor, X509_STORE_CTX* chain, std::time_t now) {
  const StoreContextPtr again(X509_STORE_CTX_new());
  STACK_OF(X509)* anchors = sk_X509_new_null();
  int verdict = X509_V_ERR_OUT_OF_MEM;
  if (again && anchors && sk_X509_push(anchors, anchor) > 0 &&
      X509_STORE_CTX_init(again.get(), nullptr, X509_STORE_CTX_get0_cert(chain),
                          X509_STORE_CTX_get0_untrusted(chain)) == 1) {
    X509_STORE_CTX_set0_trusted_stack(again.get(), anchors);
    RelaxVerification(X509_STORE_CTX_get0_param(again.get()));
    verdict = Verify(again.get(), now);
  }
  sk_X509_free(anchors);
  return verdict;
}

/// OpenSSL tries one of several CAs that have the same name, and Go tries all: they are two
/// generations of the same CA in one bundle.
int VerifyByEach(X509_STORE_CTX* chain, std::time_t now) {
  const auto* known = X509_STORE_get0_objects(X509_STORE_CTX_get0_store(chain));
  for (int i = 0; i < sk_X509_OBJECT_num(known); ++i) {
    X509* anchor = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(known, i));
    if (anchor && VerifyBy(anchor, chain, now) == X509_V_OK) return X509_V_OK;
  }
  return X509_V_ERR_CERT_SIGNATURE_FAILURE;
}

bool IsValidAt(const X509* certificate, std::time_t at) {
  return X509_cmp_time(X509_get0_notBefore(certificate), &at) <= 0 &&
         X509_cmp_time(X509_get0_notAfter(certificate), &at) >= 0;
}

bool IsAboutDates(int error) {
  return error == X509_V_OK || error == X509_V_ERR_CERT_NOT_YET_VALID ||
         error == X509_V_ERR_CERT_HAS_EXPIRED;
}

}  // namespace

void RelaxVerification(X509_VERIFY_PARAM* param) {
  X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_ANY);
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
}

int Judge(X509_STORE_CTX* chain, std::time_t now) {
  const int leaf = JudgeLeaf(X509_STORE_CTX_get0_cert(chain), now);
  if (leaf != X509_V_OK) return leaf;
  const int verdict = Verify(chain, now);
  return verdict == X509_V_ERR_CERT_SIGNATURE_FAILURE ? VerifyByEach(chain, now) : verdict;
}

bool DatesDecide(X509_STORE_CTX* chain, int verdict, std::time_t judged_at, std::time_t now) {
  if (!IsAboutDates(verdict)) return false;
  // Judge() builds no chain for a leaf that it refuses at once.
  const X509* leaf = X509_STORE_CTX_get0_cert(chain);
  if (IsValidAt(leaf, judged_at) != IsValidAt(leaf, now)) return true;
  const STACK_OF(X509)* certificates = X509_STORE_CTX_get0_chain(chain);
  for (int i = 0; i < sk_X509_num(certificates); ++i) {
    const X509* certificate = sk_X509_value(certificates, i);
    if (IsValidAt(certificate, judged_at) != IsValidAt(certificate, now)) return true;
  }
  return false;
}

int ErrorWithAlertOf(int defect) {
  switch (defect) {
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return X509_V_ERR_CERT_HAS_EXPIRED;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_CERT_UNTRUSTED:
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
    case X509_V_ERR_CA_MD_TOO_WEAK:
      return X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
    default:
      return X509_V_ERR_CERT_REJECTED;
  }
}

}  // namespace zlayer::fakes::daemon
