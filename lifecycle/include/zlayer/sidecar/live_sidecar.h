// A sidecar that has answered an RPC.
//
//   #include <grpcpp/grpcpp.h>  // this header only declares the types of gRPC
//   auto stub = BuildService::NewStub(live.Channel());
//   auto context = live.NewContext();                  // deadline: now + rpc_timeout
//   grpc::Status status = stub->Inspect(context.get(), request, &response);
//   if (!status.ok() && live.Explain(status).retryable) return Again();  // on a new Ensure()

#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "zlayer/sidecar/error.h"

namespace grpc {
class Channel;
class ClientContext;
class Status;
}  // namespace grpc

namespace zlayer::sidecar {

/// How a sidecar ended. At most one of exit_code and signal is set; neither for a remote one.
struct StopReport {
  std::optional<int> exit_code;
  std::optional<int> signal;
  /// SIGKILL was sent because the grace was over.
  bool escalated = false;
  /// From the request to stop, or from the sidecar's own end, until it was reaped.
  std::chrono::nanoseconds took{0};
};

class Sidecar;

/// A shared handle. The process lives as long as its lifecycle's connection or any handle does; the
/// last one to go stops it, on the supervisor's thread. Keep a handle for as long as you use its
/// channel: a stub alone does not count.
///
/// Thread-safety: a const handle may be used from any thread; copies are independent.
class LiveSidecar {
 public:
  /// The channel of all users of this sidecar. After the sidecar's end its calls fail with
  /// UNAVAILABLE. A grpc::ClientContext holds the channel, too, once its call has begun: in a
  /// callback of gRPC's own, destroy handles and stubs as you like, but leave the context to
  /// another thread. gRPC 1.51 aborts when the last of a channel goes on its callback thread
  /// (grpc/grpc#37858).
  std::shared_ptr<grpc::Channel> Channel() const;

  /// A context with the deadline of LifecycleOptions::rpc_timeout.
  std::unique_ptr<grpc::ClientContext> NewContext() const;

  /// LifecycleOptions::rpc_timeout.
  std::chrono::milliseconds rpc_timeout() const;

  /// A path of this machine as the sidecar sees it: SidecarConfig::context_mount, where it is set.
  std::string GuestPath(std::string_view path) const;

  /// Why a call on this sidecar ended with `status`, which is not OK. Ask at once: a sidecar that
  /// ends later would be taken for the reason.
  ///
  /// - sidecar_lost, retryable: the process or the connection has ended, whatever `status` says;
  ///   with how the process ended, where it did. A call that lost a race with the daemon's idle
  ///   exit looks like this.
  /// - rpc_timeout: DEADLINE_EXCEEDED.
  /// - cancelled: CANCELLED.
  /// - rpc_failed: every other status.
  ///
  /// Blocks at most half a second, and only when the sidecar has ended or `status` is UNAVAILABLE
  /// or CANCELLED: the ends of a process, of its connection and of a call become known in any
  /// order, and a daemon that leaves cancels calls. Who cancelled a call need not ask.
  LifecycleError Explain(const grpc::Status& status) const;

  /// False once the connection or the process has ended, or the sidecar has said that it will end.
  /// Never blocks.
  bool alive() const;

  /// Whether the sidecar asked for our certificate, as the protocol demands. One that does not
  /// serves everybody who reaches its port.
  bool authenticates_clients() const;

  /// host:port that was dialled.
  const std::string& address() const;

  /// Process id of the spawned binary, which may be a wrapper; empty for a remote sidecar. Only a
  /// name for people and logs: the process may be gone and the number used again.
  std::optional<int> pid() const;

  /// The end of the sidecar's stderr up to now, at most 64 KiB.
  std::string StderrTail() const;

 private:
  friend class SidecarLifecycle;
  explicit LiveSidecar(std::shared_ptr<Sidecar> sidecar);

  std::shared_ptr<Sidecar> sidecar_;
};

}  // namespace zlayer::sidecar
