// From a TLS context to a channel that an answered RPC has proven.
//
// Room connect/: the last two phases of a start, dial and probe. A Connector does them in two
// parts, both on the thread of the start. Prepare() makes the TLS session, the channel and the
// first RPC while the sidecar still starts. Connect() needs the address: Dial (dial.h) opens the
// TCP connection and completes the handshake of the TlsSession (tls_session.h), TlsRelay
// (tls_relay.h) carries bytes between that connection and gRPC on the loop's thread, and Probe
// (probe.h) waits for the answer. grpc_up.h initialises gRPC, once a process. Liveness (liveness.h)
// then records the sidecar's end. Start reading at Connector::Connect.
//
// Invariants: gRPC sees only a socket pair, never the network. TCP, TLS and the first RPC share one
// deadline. A failed Connect leaves no connection open; its error tells which side ended it and
// why, as far as that was seen.

#pragma once

#include <openssl/ssl.h>

#include <functional>
#include <memory>

#include "lifecycle/src/base/phase_clock.h"
#include "lifecycle/src/base/start_wait.h"
#include "lifecycle/src/base/unique_fd.h"
#include "lifecycle/src/connect/dial.h"
#include "lifecycle/src/connect/liveness.h"
#include "lifecycle/src/connect/probe.h"
#include "lifecycle/src/connect/tls_relay.h"
#include "lifecycle/src/connect/tls_session.h"

namespace zlayer::sidecar {

/// A gRPC channel over a socket pair: HTTP/2 in plaintext, which the relay carries through TLS.
struct PlainChannel {
  /// Never reconnects: its calls fail once `relay_end` is closed.
  std::shared_ptr<grpc::Channel> channel;
  UniqueFd relay_end;  // non-blocking
};

struct ProvenConnection {
  std::shared_ptr<TlsRelay> relay;
  std::shared_ptr<grpc::Channel> channel;
  std::shared_ptr<Liveness> liveness;  // the caller calls Prove() next
  bool authenticates_clients = false;
};

/// One attempt to connect. Not synchronised.
class Connector {
 public:
  /// Makes everything that does not need the address: the ClientHello (making its key share takes
  /// longer than sending it), the channel and the first RPC. Called while the sidecar starts, so
  /// that this work takes no time after the handshake line. Errors: those of KeepGrpcUp;
  /// dial_failed if no descriptor is free.
  static Result<std::unique_ptr<Connector>> Prepare(SSL_CTX* context);

  /// Blocks until the first RPC is answered. Call it once. Errors: those of Dial and Probe;
  /// server_rejected if the server asked for no certificate although
  /// `require_client_authentication` is set. After an error the connection is closed.
  Result<ProvenConnection> Connect(const Address& address, const DialLimit& limit, EventLoop* loop,
                                   const LifecycleOptions& options, StartWait* wait);

 private:
  Connector(SSL_CTX* context, PlainChannel plain)
      : session_(std::make_unique<TlsSession>(context)),
        plain_(std::move(plain)),
        probe_(plain_.channel) {
    session_->Handshake();
  }

  std::unique_ptr<TlsSession> session_;
  PlainChannel plain_;
  Probe probe_;
};

}  // namespace zlayer::sidecar
