// The floor of a verified TLS connection: OpenSSL on a blocking socket, and nothing else.
//
//   auto client = RawTls::Load(world.tls_dir());     // files and context, before the clock starts
//   auto connected = client->Handshake(address);     // TCP, TLS 1.3, both certificates; closed
//   again

#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>

using SSL_CTX = struct ssl_ctx_st;

namespace zlayer::bench {

class RawTls {
 public:
  static tl::expected<RawTls, std::string> Load(const std::string& tls_dir);

  /// `address`: 127.0.0.1:port. Returns when the server is verified and our Finished is sent.
  tl::expected<void, std::string> Handshake(const std::string& address) const;

 private:
  struct Free {
    void operator()(SSL_CTX* context) const;
  };
  explicit RawTls(SSL_CTX* context) : context_(context) {}

  std::unique_ptr<SSL_CTX, Free> context_;
};

}  // namespace zlayer::bench
