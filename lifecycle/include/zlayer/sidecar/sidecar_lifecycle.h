// Starts a zlayer-buildd beside this process, proves it, shares it, stops it.
//
//   SidecarLifecycle lifecycle(config, options);      // no I/O
//   auto live = lifecycle.Ensure();                   // Result<LiveSidecar>
//   if (!live) return Fail(live.error().message);
//   auto stub = BuildService::NewStub(live->Channel());
//   std::optional<StopReport> end = lifecycle.Shutdown();  // or let the destructor do it

#pragma once

#include <memory>
#include <optional>
#include <stop_token>

#include "zlayer/sidecar/config.h"
#include "zlayer/sidecar/error.h"
#include "zlayer/sidecar/live_sidecar.h"

namespace zlayer::sidecar {

/// Owns the connection to at most one sidecar at a time.
///
/// Thread-safety: all methods may be called from any thread at once, except the destructor.
/// Errors: values only; no exception leaves a method, but for std::bad_alloc.
class SidecarLifecycle {
 public:
  explicit SidecarLifecycle(SidecarConfig config, LifecycleOptions options = {});

  /// Shuts down. Handles that are still held keep their sidecar; its process then ends with the
  /// last of them.
  ~SidecarLifecycle();

  SidecarLifecycle(const SidecarLifecycle&) = delete;
  SidecarLifecycle& operator=(const SidecarLifecycle&) = delete;

  /// A sidecar that has answered an RPC over mutual TLS: the cached one, or a new one when there is
  /// none or it is gone. Callers at the same time share one start and its result. Blocks at most
  /// handshake_timeout + connect_timeout and what the file system and the end of a failed process
  /// take. When `stop` is triggered it returns ErrorKind::cancelled; the start itself is abandoned
  /// when nobody waits for it any more. After an error nothing of the sidecar is left.
  Result<LiveSidecar> Ensure(std::stop_token stop = {});

  /// Forgets the connection: the next Ensure starts afresh. Does not block. The sidecar stops with
  /// its last handle.
  void DropConnection();

  /// Drops the connection, cancels a start that is under way, and waits until every sidecar that
  /// this lifecycle started and nobody holds any more is gone. Empty when there was none; else how
  /// the last one ended.
  std::optional<StopReport> Shutdown();

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace zlayer::sidecar
