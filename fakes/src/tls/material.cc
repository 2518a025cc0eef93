#include "fakes/src/tls/material.h"

#include "fakes/src/tls/pem.h"

namespace zlayer::fakes::daemon {
namespace {

Result<void> TrustAuthorities(SSL_CTX* context, const std::string& path) {
  const Result<std::vector<CertificatePtr>> authorities = ReadCertificates(path);
  if (!authorities) return tl::unexpected(authorities.error());
  for (const CertificatePtr& authority : *authorities) {
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()) != 1 ||
        SSL_CTX_add_client_CA(context, authority.get()) != 1) {
      return StartFailed(path + ": cannot be used: " + TakeOpensslError());
    }
  }
  return {};
}

Result<void> PresentChain(SSL_CTX* context, const TlsPaths& paths) {
  const Result<std::vector<CertificatePtr>> chain = ReadCertificates(paths.certificate);
  if (!chain) return tl::unexpected(chain.error());
  const Result<KeyPtr> key = ReadKey(paths.key);
  if (!key) return tl::unexpected(key.error());
  SSL_CTX_set_mode(context, SSL_MODE_NO_AUTO_CHAIN);
  bool used = SSL_CTX_use_certificate(context, chain->front().get()) == 1 &&
              SSL_CTX_use_PrivateKey(context, key->get()) == 1;
  for (size_t i = 1; used && i < chain->size(); ++i) {
    used = SSL_CTX_add1_chain_cert(context, (*chain)[i].get()) == 1;
  }
  if (used) return {};
  return StartFailed(paths.key + ": cannot be used with " + paths.certificate + ": " +
                     TakeOpensslError());
}

}  // namespace

Result<void> UseMaterial(SSL_CTX* context, const TlsPaths& paths) {
  if (auto trusted = TrustAuthorities(context, paths.ca); !trusted) return trusted;
  return PresentChain(context, paths);
}

}  // namespace zlayer::fakes::daemon
