// The gRPC server: BuildService and grpc.health.v1, without a port of its own.

#pragma once

#include <chrono>
#include <memory>

#include "fakes/src/base/daemon_flags.h"
#include "fakes/src/base/journal.h"
#include "fakes/src/base/log.h"
#include "fakes/src/base/unique_fd.h"
#include "fakes/src/service/activity.h"
#include "fakes/src/service/build_script.h"

namespace zlayer::fakes {

/// Thread-safety: Adopt and SetServing may be called from any thread; the rest from one.
class RpcServer {
 public:
  /// Starts threads. All references, and those in `scripts`, must outlive it.
  RpcServer(const DaemonFlags& flags, ScriptSource scripts, Journal& journal, Activity& activity);
  ~RpcServer();

  /// Serves HTTP/2 on a connected, non-blocking socket.
  void Adopt(UniqueFd connection);

  /// What grpc.health.v1 says of all services.
  void SetServing(bool serving);

  /// Sends GOAWAY and waits until the peers have closed their connections, after their open RPCs;
  /// after `limit` it cancels what is left and closes. Returns when no connection is open.
  void Drain(std::chrono::milliseconds limit);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace zlayer::fakes
