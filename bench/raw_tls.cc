#include "raw_tls.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace zlayer::bench {
namespace {

struct SslFree {
  void operator()(SSL* ssl) const { ::SSL_free(ssl); }
};

/// Of the oldest error since the queue was cleared; there may be none, or one without words.
std::string OpensslError(const char* call) {
  const char* reason = ::ERR_reason_error_string(::ERR_get_error());
  return std::string(call) + ": " + (reason == nullptr ? "no reason given" : reason);
}

/// Connected; the caller closes it. -1: errno says why.
int Connect(const std::string& address) {
  sockaddr_in target{};
  target.sin_family = AF_INET;
  target.sin_port = htons(static_cast<std::uint16_t>(
      std::strtoul(address.substr(address.rfind(':') + 1).c_str(), nullptr, 10)));
  target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&target), sizeof target) == 0) return fd;
  ::close(fd);
  return -1;
}

}  // namespace

void RawTls::Free::operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }

tl::expected<RawTls, std::string> RawTls::Load(const std::string& tls_dir) {
  ::ERR_clear_error();
  RawTls client(::SSL_CTX_new(::TLS_client_method()));
  SSL_CTX* context = client.context_.get();
  const unsigned char h2[] = {2, 'h', '2'};
  ::SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  ::SSL_CTX_set_alpn_protos(context, h2, sizeof h2);
  if (::SSL_CTX_load_verify_file(context, (tls_dir + "/ca.pem").c_str()) != 1 ||
      ::SSL_CTX_use_certificate_chain_file(context, (tls_dir + "/cert.pem").c_str()) != 1 ||
      ::SSL_CTX_use_PrivateKey_file(context, (tls_dir + "/key.pem").c_str(), SSL_FILETYPE_PEM) !=
          1) {
    return tl::unexpected(OpensslError("loading certificates"));
  }
  return client;
}

tl::expected<void, std::string> RawTls::Handshake(const std::string& address) const {
  const int fd = Connect(address);
  if (fd < 0) return tl::unexpected(std::string("connect: ") + std::strerror(errno));
  ::ERR_clear_error();
  const std::unique_ptr<SSL, SslFree> ssl(::SSL_new(context_.get()));
  ::SSL_set1_host(ssl.get(), "zlayer-buildd");
  ::SSL_set_fd(ssl.get(), fd);
  const int connected = ::SSL_connect(ssl.get());
  ::close(fd);
  if (connected != 1) return tl::unexpected(OpensslError("SSL_connect"));
  return {};
}

}  // namespace zlayer::bench
