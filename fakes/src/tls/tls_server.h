// The server's side of mutual TLS 1.3.
//
// This room, tls/, does TLS by OpenSSL on the fake's own sockets, since gRPC's TLS cannot
// misbehave. TlsServer makes one SSL object for each connection and does its handshake;
// server_context.h has the settings and callbacks, tls_faults.h the faults that they evaluate.
// flight.h breaks a handshake message, sealed_record.h encrypts records that OpenSSL would not
// send, opening.h writes other bytes before TLS. pump.h copies bytes between TLS and gRPC after the
// handshake. Each connection has one thread, and that thread makes all OpenSSL calls for it. All
// sockets are non-blocking, and every wait ends at a stop eventfd. Start reading at
// TlsServer::Handshake().

#pragma once

#include <string>

#include "fakes/src/base/failure.h"
#include "fakes/src/tls/openssl_types.h"
#include "fakes/src/tls/tls_faults.h"
#include "fakes/src/tls/wait_for.h"

namespace zlayer::fakes::daemon {

/// Paths of PEM files.
struct TlsPaths {
  std::string ca;
  std::string certificate;
  std::string key;
};

/// How a handshake ended; goes to the journal.
struct TlsResult {
  bool accepted = false;
  std::string reason;  ///< empty when accepted
  std::string protocol;
  std::string alpn;
  std::string peer_subject;  ///< of the client's certificate; empty when none came
};

/// Thread-safety: all const functions may be called from any thread, for different connections.
class TlsServer {
 public:
  /// Reads the PEM files. Errors are failed starts.
  static Result<TlsServer> Load(const TlsPaths& paths);

  /// The SSL object for an accepted socket, which must outlive it. Null when memory is out.
  SslPtr NewConnection(int socket) const;

  /// Does the handshake of the connection with this number, on a non-blocking socket, with these
  /// faults. Gives up, with a refusal, when the limit comes first.
  TlsResult Handshake(SSL* ssl, std::uint32_t connection, const TlsFaults& faults,
                      const WaitLimit& limit) const;

 private:
  explicit TlsServer(SslContextPtr context) : context_(std::move(context)) {}

  SslContextPtr context_;
};

}  // namespace zlayer::fakes::daemon
