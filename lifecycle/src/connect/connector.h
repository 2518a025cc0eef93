// From a TLS context to a channel that an answered RPC has proven.

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
  /// Never connects anywhere else. Ends with `relay_end`.
  std::shared_ptr<grpc::Channel> channel;
  UniqueFd relay_end;  // non-blocking
};

struct ProvenConnection {
  std::shared_ptr<TlsRelay> relay;
  std::shared_ptr<grpc::Channel> channel;
  std::shared_ptr<Liveness> liveness;  // still starting: see Liveness::Prove
  bool authenticates_clients = false;
};

/// Not synchronised.
class Connector {
 public:
  /// Makes all of a connection that needs no address: the ClientHello, whose keys cost more than
  /// its way, the channel and the first RPC.
  static Result<std::unique_ptr<Connector>> Prepare(SSL_CTX* context);

  /// Once. `on_lost`: see Liveness. Errors: those of Dial and Probe; server_rejected when
  /// `require_client_authentication` and the server asked for no certificate. After an error the
  /// connection is closed.
  Result<ProvenConnection> Connect(const Address& address, const DialLimit& limit, EventLoop* loop,
                                   const LifecycleOptions& options,
                                   const std::function<void()>& on_lost, StartWait* wait);

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
