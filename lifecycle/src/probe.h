// The channel of a connection, and the one RPC that proves it.

#pragma once

#include <memory>

#include "dial.h"
#include "liveness.h"
#include "start_wait.h"
#include "tls_relay.h"
#include "unique_fd.h"
#include "zlayer/sidecar/error.h"

namespace grpc {
class Channel;
}

namespace zlayer::sidecar {

/// A channel that speaks HTTP/2 on `socket` and never connects anywhere else.
std::shared_ptr<grpc::Channel> MakeChannel(UniqueFd socket);

/// What knows why a channel's connection ended, and when.
struct ProbedConnection {
  const TlsRelay& relay;
  Liveness& liveness;
};

/// Calls BuildService.Health and wants the answer SERVING: with TLS 1.3 the server judges our
/// certificate only after our handshake is over, so an open connection proves nothing. Errors:
/// dial_failed, dial_timeout, client_rejected, server_rejected, cancelled.
Result<void> Probe(const std::shared_ptr<grpc::Channel>& channel, const Address& address,
                   const DialLimit& limit, const ProbedConnection& connection, StartWait* wait);

}  // namespace zlayer::sidecar
