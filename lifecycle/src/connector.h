// From a TLS context to a channel that an answered RPC has proven.

#pragma once

#include <openssl/ssl.h>

#include <functional>
#include <memory>

#include "dial.h"
#include "liveness.h"
#include "phase_clock.h"
#include "plain_channel.h"
#include "probe.h"
#include "start_wait.h"
#include "tls_relay.h"
#include "tls_session.h"

namespace zlayer::sidecar {

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
