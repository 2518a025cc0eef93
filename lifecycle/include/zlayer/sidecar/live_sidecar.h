// A handle on a running sidecar that has answered an RPC.
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

/// How a sidecar ended. At most one of exit_code and signal is set. Neither is set for a remote
/// sidecar, or if this process could not read the exit status (see Containment::group).
struct StopReport {
  std::optional<int> exit_code;
  std::optional<int> signal;
  /// Set if the keeper (Containment) was killed by this signal before the sidecar had ended. The
  /// sidecar was then killed, too, and its own status is not known.
  std::optional<int> keeper_signal;
  /// True if SIGKILL was sent because the sidecar was still running after LifecycleOptions::grace.
  bool escalated = false;
  /// The time until the process was reaped, from the request to stop it, or from its own end if it
  /// ended by itself.
  std::chrono::nanoseconds took{0};
};

class Sidecar;

/// A shared handle on one sidecar. The sidecar's owners are the SidecarLifecycle that started it,
/// until it drops the connection, and every handle. When the last owner goes, the connection is
/// closed and the process is stopped: SIGTERM, LifecycleOptions::grace, SIGKILL. That happens on
/// the supervisor's thread, and the last owner does not wait for it. If this process exits before
/// the sidecar has ended, the sidecar ends as Containment says.
///
/// A handle that was moved from may only be destroyed or assigned to.
///
/// Keep a handle for as long as you use its channel: a channel or a stub does not own the sidecar.
///
/// Thread-safety: a const handle may be used from any thread; copies are independent.
class LiveSidecar {
 public:
  /// Returns the channel, which all users of this sidecar share. After the sidecar's end its calls
  /// fail with UNAVAILABLE.
  ///
  /// gRPC 1.51 aborts the process if the last reference to a channel is dropped on one of gRPC's
  /// callback threads (grpc/grpc#37858). A grpc::ClientContext holds such a reference once its call
  /// has begun. So inside a gRPC callback you may destroy handles and stubs, but must leave the
  /// destruction of the context to another thread.
  std::shared_ptr<grpc::Channel> Channel() const;

  /// Returns a new context for one call, with the deadline now + LifecycleOptions::rpc_timeout.
  std::unique_ptr<grpc::ClientContext> NewContext() const;

  /// Returns LifecycleOptions::rpc_timeout.
  std::chrono::milliseconds rpc_timeout() const;

  /// Translates a path of this machine to the path under which the sidecar sees it, by
  /// SidecarConfig::context_mount. Without a context_mount the path is returned unchanged.
  std::string GuestPath(std::string_view path) const;

  /// Explains why a call on this sidecar ended with `status`, which must not be OK. Call it as soon
  /// as the call has ended: if the sidecar ends later for another reason, that end is reported as
  /// the reason of the call's failure.
  ///
  /// - sidecar_lost, retryable: the call got no answer, because the process or the connection has
  ///   ended, or because the sidecar has announced its end and refused the call. `status` is then
  ///   UNAVAILABLE, CANCELLED or UNKNOWN, which gRPC itself makes of a broken connection. The error
  ///   tells how the process ended, if it did. A call that races with the daemon's idle exit fails
  ///   like this.
  /// - rpc_timeout: `status` is DEADLINE_EXCEEDED.
  /// - cancelled: `status` is CANCELLED.
  /// - rpc_failed: `status` is any other; or UNKNOWN ("Stream removed"), which gRPC makes of a call
  ///   when it closes the connection itself, because the sidecar broke HTTP/2.
  /// - spawn_failed: this is a forked child (see sidecar_lifecycle.h).
  ///
  /// An answer of the sidecar, such as NOT_FOUND, and a deadline that has passed are never
  /// sidecar_lost, even if the sidecar is leaving or has ended since: such a call may have had its
  /// effect.
  ///
  /// Blocks for at most half a second, and only if `status` is UNAVAILABLE, CANCELLED or UNKNOWN. A
  /// daemon that exits cancels its calls, and the ends of a call, of its connection and of the
  /// process become known in any order, so Explain waits for the other two. If you cancelled the
  /// call yourself there is no need to call Explain.
  LifecycleError Explain(const grpc::Status& status) const;

  /// Returns false once the connection or the process has ended, or the sidecar has announced its
  /// end (HTTP/2 GOAWAY), and in a forked child (see sidecar_lifecycle.h). Never blocks.
  ///
  /// After GOAWAY, calls under way are still answered. The library closes the connection when the
  /// last of them has ended, at once if none is open, so that the sidecar need not wait for it.
  ///
  /// If the machine of a remote sidecar or the network to it is gone without a word, the connection
  /// counts as ended after 60 s: TCP asks the other machine after 30 s of silence and then every
  /// 10 s, and gives up after three unanswered questions. Bytes that we have sent may wait as long
  /// for their acknowledgement. A sidecar whose machine lives, but which does not answer, is alive;
  /// its calls end by their deadlines.
  bool alive() const;

  /// Returns whether the sidecar asked for our client certificate, as the protocol demands. A
  /// sidecar that does not ask serves everybody who reaches its port.
  bool authenticates_clients() const;

  /// Returns the host:port that was dialled.
  const std::string& address() const;

  /// Returns the process id of the spawned binary, which may be a wrapper around the daemon; empty
  /// for a remote sidecar. Use it in logs only, never to signal: the process may be gone and the id
  /// in use again.
  std::optional<int> pid() const;

  /// Returns the last 64 KiB at most of what the sidecar has written to stderr so far; empty for a
  /// remote sidecar and in a forked child.
  std::string StderrTail() const;

 private:
  friend class SidecarLifecycle;
  friend std::string StopSeen(const LiveSidecar& live);  // src/use/stop_seen.h
  explicit LiveSidecar(std::shared_ptr<Sidecar> sidecar);

  std::shared_ptr<Sidecar> sidecar_;
};

}  // namespace zlayer::sidecar
