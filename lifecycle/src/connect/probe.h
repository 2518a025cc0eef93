// The one RPC that proves a connection.

#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>

#include <memory>

#include "lifecycle/src/base/start_wait.h"
#include "lifecycle/src/connect/dial.h"
#include "lifecycle/src/connect/liveness.h"
#include "lifecycle/src/connect/tls_relay.h"
#include "zlayer/proto/buildah_sidecar.grpc.pb.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// What knows why a channel's connection ended, and when.
struct ProbedConnection {
  const TlsRelay& relay;
  Liveness& liveness;
};

/// Calls BuildService.Health and wants the answer SERVING: with TLS 1.3 the server judges our
/// certificate only after our handshake is over, so an open connection proves nothing.
///
/// Not synchronised.
class Probe {
 public:
  /// Begins the call. There need not be a connection yet: what gRPC has to say waits in the socket
  /// pair and goes out with the end of the TLS handshake.
  explicit Probe(const std::shared_ptr<grpc::Channel>& channel);
  /// Cancels a call that nobody awaited.
  ~Probe();
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  /// Once. Errors: dial_failed, dial_timeout, client_rejected, server_rejected, cancelled.
  Result<void> Await(const Address& address, const DialLimit& limit,
                     const ProbedConnection& connection, StartWait* wait);

 private:
  /// False at the deadline.
  bool AwaitStatus(gpr_timespec until);

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  buildah_sidecar::v1::HealthResponse response_;
  grpc::Status status_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<buildah_sidecar::v1::HealthResponse>> call_;
  bool finished_ = false;
};

}  // namespace zlayer::sidecar
