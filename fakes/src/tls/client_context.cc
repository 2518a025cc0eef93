#include "fakes/src/tls/client_context.h"

namespace zlayer::fakes::daemon {
namespace {

constexpr unsigned char kAlpn[] = {2, 'h', '2'};
constexpr char kServer[] = "zlayer-buildd";

tl::unexpected<Failure> CannotUse(const std::string& path) {
  return StartFailed(path + ": cannot be used towards the upstream: " + TakeOpensslError());
}

}  // namespace

Result<SslContextPtr> NewClientContext(const TlsPaths& paths) {
  OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  SslContextPtr context(SSL_CTX_new(TLS_client_method()));
  if (!context) return StartFailed("TLS cannot be set up: " + TakeOpensslError());
  SSL_CTX* raw = context.get();
  SSL_CTX_set_min_proto_version(raw, TLS1_3_VERSION);
  SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
  X509_VERIFY_PARAM_set1_host(SSL_CTX_get0_param(raw), kServer, sizeof kServer - 1);
  SSL_CTX_set_alpn_protos(raw, kAlpn, sizeof kAlpn);
  if (SSL_CTX_load_verify_file(raw, paths.ca.c_str()) != 1) return CannotUse(paths.ca);
  if (SSL_CTX_use_certificate_chain_file(raw, paths.certificate.c_str()) != 1) {
    return CannotUse(paths.certificate);
  }
  if (SSL_CTX_use_PrivateKey_file(raw, paths.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return CannotUse(paths.key);
  }
  return context;
}

}  // namespace zlayer::fakes::daemon
