#include "lifecycle/src/credentials/find_tls_defect.h"

#include <fmt/format.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>

#include "lifecycle/src/credentials/certificate_text.h"
#include "lifecycle/src/text/path_text.h"

namespace zlayer::sidecar {
namespace {

using StorePtr = std::unique_ptr<X509_STORE, OpensslFree<X509_STORE_free>>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, OpensslFree<X509_STORE_CTX_free>>;
struct StackFree {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
using StackPtr = std::unique_ptr<STACK_OF(X509), StackFree>;

/// Of X509_VERIFY_PARAM_set_auth_level: keys of 112 bits of security at least, no SHA-1. It is the
/// default of Debian's OpenSSL, so TLS would refuse a weaker certificate.
constexpr int kSecurityLevel = 2;

TlsDefect Defect(const std::string& path, const std::string& reason) {
  return DefectOf(TlsDefect::Kind::unusable, path, reason);
}

std::optional<TlsDefect> FindLeafDefect(const TlsSet& set) {
  X509* leaf = set.chain.front().get();
  if (::X509_check_private_key(leaf, set.key.get()) != 1) {
    return Defect(set.paths.key, fmt::format("it is not the key of {}: {}",
                                             PathText(set.paths.cert), TakeOpensslError()));
  }
  if (::X509_check_host(leaf, kSidecarName, 0,
                        X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_WILDCARDS,
                        nullptr) != 1) {
    return Defect(set.paths.cert, fmt::format("it is not issued to {}", kSidecarName));
  }
  if (::X509_check_purpose(leaf, X509_PURPOSE_SSL_SERVER, 0) != 1) {
    return Defect(set.paths.cert, "it is not issued for a TLS server");
  }
  if (::X509_check_purpose(leaf, X509_PURPOSE_SSL_CLIENT, 0) != 1) {
    return Defect(set.paths.cert, "it is not issued for a TLS client");
  }
  return std::nullopt;
}

/// The file that has this certificate of the chain.
const std::string& FileOf(const X509* certificate, const TlsSet& set) {
  for (const X509Ptr& authority : set.authorities) {
    if (certificate && ::X509_cmp(certificate, authority.get()) == 0) return set.paths.ca;
  }
  return set.paths.cert;
}

TlsDefect WhyUnverified(X509_STORE_CTX* context, const TlsSet& set) {
  const int verdict = ::X509_STORE_CTX_get_error(context);
  const X509* certificate = ::X509_STORE_CTX_get_current_cert(context);
  const std::string& file = FileOf(certificate, set);
  if (verdict == X509_V_ERR_CERT_HAS_EXPIRED) {
    return Defect(file, "it expired on " + TimeText(::X509_get0_notAfter(certificate)));
  }
  if (verdict == X509_V_ERR_CERT_NOT_YET_VALID) {
    return Defect(file, "it is not valid before " + TimeText(::X509_get0_notBefore(certificate)));
  }
  const char* text = ::X509_verify_cert_error_string(verdict);
  if (&file == &set.paths.ca) return Defect(file, text);
  return Defect(file,
                fmt::format("it does not verify against {}: {}", PathText(set.paths.ca), text));
}

std::optional<TlsDefect> FindExpiry(X509_STORE_CTX* context, const TlsSet& set,
                                    std::chrono::seconds margin) {
  std::time_t when = std::time(nullptr) + margin.count();
  const STACK_OF(X509)* chain = ::X509_STORE_CTX_get0_chain(context);
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    const X509* certificate = sk_X509_value(chain, i);
    const ASN1_TIME* end = ::X509_get0_notAfter(certificate);
    if (::X509_cmp_time(end, &when) > 0) continue;
    return Defect(FileOf(certificate, set), "it is about to expire, on " + TimeText(end));
  }
  return std::nullopt;
}

}  // namespace

std::optional<TlsDefect> FindTlsDefect(const TlsSet& set, std::chrono::seconds margin) {
  ::ERR_clear_error();
  if (auto defect = FindLeafDefect(set)) return defect;
  const StorePtr store(::X509_STORE_new());
  const StackPtr intermediates(sk_X509_new_null());
  const StoreContextPtr context(::X509_STORE_CTX_new());
  for (const X509Ptr& authority : set.authorities) {
    ::X509_STORE_add_cert(store.get(), authority.get());
  }
  for (size_t i = 1; i < set.chain.size(); ++i) {
    sk_X509_push(intermediates.get(), set.chain[i].get());
  }
  if (::X509_STORE_CTX_init(context.get(), store.get(), set.chain.front().get(),
                            intermediates.get()) != 1 ||
      ::X509_STORE_CTX_set_default(context.get(), "ssl_server") != 1) {
    return DefectOf(TlsDefect::Kind::refused, set.paths.cert,
                    "it cannot be verified: " + TakeOpensslError());
  }
  ::X509_VERIFY_PARAM_set_auth_level(::X509_STORE_CTX_get0_param(context.get()), kSecurityLevel);
  if (::X509_verify_cert(context.get()) != 1) return WhyUnverified(context.get(), set);
  return FindExpiry(context.get(), set, margin);
}

}  // namespace zlayer::sidecar
