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

/// The connection below the channel. `relay` knows why it ended; `liveness` can wait for its end.
struct ProbedConnection {
  const TlsRelay& relay;
  Liveness& liveness;
};

/// Calls BuildService.Health and expects the answer SERVING. With TLS 1.3 the server verifies our
/// certificate after our side of the handshake is complete. So only an answer proves that the
/// server has accepted us; an open connection does not.
///
/// Not synchronised.
class Probe {
 public:
  /// Begins the call. There need not be a connection yet: the bytes of the call wait in the socket
  /// pair until the relay sends them, after the TLS handshake.
  explicit Probe(const std::shared_ptr<grpc::Channel>& channel);
  /// Cancels the call if it has not ended, and waits for its end: until then gRPC uses the members.
  ~Probe();
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  /// Blocks until the call has ended. Call it once. Errors: dial_failed, dial_timeout,
  /// client_rejected, server_rejected, cancelled.
  Result<void> Await(const Address& address, const DialLimit& limit,
                     const ProbedConnection& connection, StartWait* wait);

 private:
  /// Blocks until the call has ended; false if it has not by `until`.
  bool AwaitStatus(gpr_timespec until);

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  buildah_sidecar::v1::HealthResponse response_;
  grpc::Status status_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<buildah_sidecar::v1::HealthResponse>> call_;
  bool finished_ = false;
};

}  // namespace zlayer::sidecar
