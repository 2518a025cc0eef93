// A client of mutual TLS in the test's own process, for tests that need its bytes or many of them.
//
//   TlsClient client(fake, port);
//   ASSERT_TRUE(client.connected());
//   client.Write(HealthCall());
//   EXPECT_TRUE(client.ReadUntil(kServing));

#pragma once

#include <signal.h>

#include <string>

#include "fakes/fixture/unique_fd.h"
#include "fakes/src/tls/openssl_types.h"
#include "fakes/tests/fixture/fake.h"
#include "fakes/tests/network/raw_socket.h"

namespace zlayer::fakes {

/// The DATA of a Health answer: a gRPC message with status SERVING.
inline const std::string kServing("\0\0\0\0\x02\x08\x01", 7);

class TlsClient {
 public:
  /// A context with the fake's own leaf and ALPN h2, for many clients.
  static daemon::SslContextPtr Context(const Fake& fake) {
    signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to connections that the fake has closed
    constexpr unsigned char kAlpn[] = {2, 'h', '2'};
    daemon::SslContextPtr context(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_use_certificate_file(context.get(), fake.tls("cert.pem").c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(context.get(), fake.tls("key.pem").c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_set_alpn_protos(context.get(), kAlpn, sizeof kAlpn);
    return context;
  }

  TlsClient(SSL_CTX* context, const std::string& port) : socket_(Dial(port)) {
    if (!socket_) return;
    const timeval limit{.tv_sec = 20, .tv_usec = 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ssl_.reset(SSL_new(context));
    SSL_set_fd(ssl_.get(), socket_.get());
    connected_ = SSL_connect(ssl_.get()) == 1;
  }

  bool connected() const { return connected_; }

  bool Write(const std::string& bytes) {
    return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) ==
           static_cast<int>(bytes.size());
  }

  /// Reads until `wanted` has come. False: the connection has ended before, or nothing came.
  bool ReadUntil(const std::string& wanted) {
    char chunk[16'384];
    while (read_.find(wanted) == std::string::npos) {
      const int got = SSL_read(ssl_.get(), chunk, sizeof chunk);
      if (got <= 0) return false;
      read_.append(chunk, static_cast<size_t>(got));
    }
    return true;
  }

  /// Reads up to the end of the connection. True when a close_notify has ended it.
  bool ReadToCloseNotify() {
    char chunk[16'384];
    int got = 0;
    while ((got = SSL_read(ssl_.get(), chunk, sizeof chunk)) > 0) {
      read_.append(chunk, static_cast<size_t>(got));
    }
    return SSL_get_error(ssl_.get(), got) == SSL_ERROR_ZERO_RETURN;
  }

  /// All bytes that were read.
  const std::string& read() const { return read_; }

 private:
  fixture::UniqueFd socket_;
  daemon::SslPtr ssl_;
  bool connected_ = false;
  std::string read_;
};

}  // namespace zlayer::fakes
