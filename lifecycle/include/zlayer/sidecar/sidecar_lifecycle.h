// Starts a zlayer-buildd beside this process, checks that it answers, shares it, stops it.
//
//   SidecarLifecycle lifecycle(config, options);      // no I/O
//   auto live = lifecycle.Ensure();                   // Result<LiveSidecar>
//   if (!live) return Fail(live.error().message);
//   auto stub = BuildService::NewStub(live->Channel());
//   std::optional<StopReport> end = lifecycle.Shutdown();  // or let the destructor do it
//
// Start reading here. SidecarConfig and LifecycleOptions (config.h) say what to start and within
// which limits. Ensure() returns a LiveSidecar (live_sidecar.h): a shared handle, whose channel is
// used with the generated gRPC stubs. Call (call.h) makes one call on a handle, and RunBuild
// (build.h) runs one build. Every failure is a LifecycleError (error.h). What holds throughout:
// - A handle is only given out after the sidecar has answered an RPC over TLS 1.3.
// - A process lives only as long as its lifecycle's connection or one of its handles.
// - After a failed start nothing of the sidecar is left: no process, no descriptor.
// - A host without free descriptors or threads gets an error, and may try again.
//
// Memory: if it runs out during a start, Ensure throws std::bad_alloc or returns
// ErrorKind::spawn_failed. If it runs out later, on the thread that supervises the sidecars, on
// that of the callbacks, or inside gRPC, the process ends, as by any uncaught std::bad_alloc.
//
// Forks: fork before the first Ensure, or exec after the fork. In a child that was forked (or made
// by daemon(3)) later, objects of this library are dead: LiveSidecar::alive() is false; Ensure,
// EnsureUntil, RunBuild, Call and Explain return ErrorKind::spawn_failed; Shutdown, ShutdownUntil
// and StderrTail return empty; those and every destructor return at once and do nothing to the
// parent's sidecar. Do not use gRPC in the child. The parent notices nothing of the fork.
//
// Threads: those that the library makes, gRPC's included, block the host's signals, but not
// SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP and SIGSYS, nor, unless the caller of Ensure blocks
// them, SIGABRT and SIGPROF. gRPC's threads stay until the process ends. Their stacks have the
// host's default size (ulimit -s, pthread_setattr_default_np(3)), which must be at least 128 KiB;
// our own threads have 512 KiB or more. No thread may be cancelled by pthread_cancel(3) while it is
// inside the library.
//
// Environment: Ensure may read the environment of this process, on the caller's thread
// (LifecycleOptions::environment). gRPC, OpenSSL and the lookup of a remote name call getenv(3) on
// other threads until a start has ended. A call with a deadline or a stop token can return before
// that; Shutdown waits for it. Do not change the environment meanwhile, as for any getenv(3).
//
// A host that closes descriptors which are not its own should do so before the first Ensure. If it
// does so later, its sidecar is killed, Shutdown still returns, and Ensure is refused from then on.
// It should keep 0, 1 and 2 open, on /dev/null if need be: whoever opens a descriptor, this library
// and gRPC too, gets the lowest free number, and the host's output would go to a socket of theirs.

#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>

#include "zlayer/sidecar/config.h"
#include "zlayer/sidecar/error.h"
#include "zlayer/sidecar/live_sidecar.h"

namespace zlayer::sidecar {

/// Owns the connection to at most one sidecar at a time. Callers share that sidecar.
///
/// Thread-safety: all methods may be called concurrently from any thread, except the destructor.
/// Every method, and the destructor too, may be called inside a callback of LifecycleOptions.
/// Errors: are returned as values; a method throws no exception but std::bad_alloc.
class SidecarLifecycle {
 public:
  /// Does no I/O. The settings are checked by Ensure.
  explicit SidecarLifecycle(SidecarConfig config, LifecycleOptions options = {});

  /// Calls Shutdown(), and returns when no callback of this lifecycle runs or will run; see
  /// LifecycleOptions. A callback that calls Ensure meanwhile gets ErrorKind::cancelled. A sidecar
  /// whose handles are still held stays up until the last of them goes.
  ~SidecarLifecycle();

  SidecarLifecycle(const SidecarLifecycle&) = delete;
  SidecarLifecycle& operator=(const SidecarLifecycle&) = delete;

  /// Returns a handle on a sidecar that has answered an RPC over mutual TLS. That is the current
  /// sidecar, or a new one if there is none or it is gone. Callers that come while a start is under
  /// way wait for that start and share its result, good or bad.
  ///
  /// Blocks for at most handshake_timeout + connect_timeout, plus the time that the file system
  /// takes and the time until a failed process is reaped. If a new TLS set is needed and another
  /// process holds the directory's lock, the start first waits for the lock, at most
  /// handshake_timeout. A start that does not get the lock fails with ErrorKind::tls_material; the
  /// message names the lock.
  ///
  /// When `stop` is triggered before this call has a sidecar, it returns ErrorKind::cancelled. The
  /// start itself goes on as long as another caller waits for it. Without other callers it is
  /// cancelled, its process is ended, and this call returns after the process has been reaped.
  ///
  /// Errors: any ErrorKind of a start; crash_loop after too many failures in a row (RestartLimits).
  /// After a failed start nothing of the sidecar is left.
  Result<LiveSidecar> Ensure(std::stop_token stop = {});

  /// As Ensure, but returns ErrorKind::cancelled at `deadline` if no sidecar is up by then. As with
  /// `stop`, the start goes on while another caller waits for it, and is cancelled otherwise; but
  /// this call does not wait for the end of its process. Shutdown and the destructor do, and so
  /// does the next Ensure, within its own limits, before it starts anything. With a deadline in the
  /// past it returns the current sidecar if there is one, and starts none.
  Result<LiveSidecar> EnsureUntil(std::chrono::steady_clock::time_point deadline,
                                  std::stop_token stop = {});

  /// Lets go of the current sidecar: the next Ensure starts a new one. The old sidecar is stopped
  /// when its last handle goes, or now if no handle is held. Does not block.
  void DropConnection();

  /// Drops the connection, cancels a start that is under way, and waits until every sidecar of this
  /// lifecycle without a handle has ended and been reaped. Sidecars whose handles are held stay up.
  /// Returns how the newest of the sidecars that it waited for ended; empty if there was none. Of
  /// several calls at once all wait, and one returns that end. Ensure may be called again
  /// afterwards.
  std::optional<StopReport> Shutdown();

  /// As Shutdown, but waits until `deadline` at most. Returns ErrorKind::cancelled if not
  /// everything had ended by then. The stop then goes on, with the grace that it was given, and a
  /// later Shutdown or the destructor waits for it. That Shutdown then also counts the sidecars
  /// that had ended by `deadline`.
  Result<std::optional<StopReport>> ShutdownUntil(std::chrono::steady_clock::time_point deadline);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace zlayer::sidecar
