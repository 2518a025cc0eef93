// The gRPC server with BuildService and grpc.health.v1. It has no port: it serves sockets that it
// gets.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "fakes/src/base/daemon_flags.h"
#include "fakes/src/base/journal.h"
#include "fakes/src/base/log.h"
#include "fakes/src/base/unique_fd.h"
#include "fakes/src/service/activity.h"
#include "fakes/src/service/build_script.h"

namespace zlayer::fakes::daemon {

/// Thread-safety: Adopt, SetServing and ReleaseHold may be called from any thread; the rest from
/// one.
class RpcServer {
 public:
  /// Starts threads. All references, and those in `scripts`, must outlive it.
  RpcServer(const DaemonFlags& flags, ScriptSource scripts, Journal& journal, Activity& activity);
  ~RpcServer();

  /// Serves plain HTTP/2 on a connected, non-blocking socket, and closes it in the end. `number` is
  /// the connection's in the journal.
  void Adopt(UniqueFd connection, std::uint32_t number);

  /// Sets what grpc.health.v1 answers for all services.
  void SetServing(bool serving);

  /// Ends the RUN steps of builds. Call it when SIGTERM or SIGINT begins the drain: buildah passes
  /// the signal to the step that runs.
  void SignalSteps();
  /// Lets builds go on that stand at a `hold` step; as BuildQueue::Release().
  std::uint32_t ReleaseHold(const std::string& request_id);

  /// Sends GOAWAY and waits until the open RPCs have ended and the peers have closed their
  /// connections. After `limit`, cancels the RPCs that are left and closes all connections. Returns
  /// when no connection is open. No limit holds for a step whose client has gone before, and that
  /// no signal ends: as in the deployed daemon, it keeps this waiting.
  void Drain(std::chrono::milliseconds limit);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace zlayer::fakes::daemon
