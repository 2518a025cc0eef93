// The server's side of mutual TLS 1.3.

#pragma once

#include <string>

#include "fakes/src/base/failure.h"
#include "fakes/src/tls/openssl_types.h"
#include "fakes/src/tls/tls_faults.h"

namespace zlayer::fakes {

/// Paths of PEM files.
struct TlsPaths {
  std::string ca;
  std::string certificate;
  std::string key;
};

/// How a handshake ended.
struct TlsResult {
  bool accepted = false;
  std::string reason;  ///< empty when accepted
  std::string protocol;
  std::string alpn;
  std::string peer_subject;  ///< of the client's certificate, where one came
};

/// Thread-safety: Handshake may be called from any thread.
class TlsServer {
 public:
  /// Reads the material and prepares an honest server, changed by `faults`.
  static Result<TlsServer> Load(const TlsPaths& paths, TlsFaults faults);

  /// Asked once a connection: true when it must not reach Handshake().
  bool SpeaksPlaintext() const { return faults_->plaintext && faults_->plaintext->Happens(); }

  SslPtr NewConnection(int socket) const;

  /// On a non-blocking socket. Gives up, refusing, as soon as `stop_fd` is readable.
  TlsResult Handshake(SSL* ssl, int stop_fd) const;

 private:
  TlsServer(SslContextPtr context, std::unique_ptr<TlsFaults> faults)
      : context_(std::move(context)), faults_(std::move(faults)) {}

  /// Empty: the handshake is complete.
  std::string AcceptChanged(SSL* ssl, HandshakeNotes& notes, int stop_fd) const;

  SslContextPtr context_;
  std::unique_ptr<TlsFaults> faults_;  // OpenSSL's callbacks hold its address
};

}  // namespace zlayer::fakes
