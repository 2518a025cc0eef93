// What to start, and with which limits.
//
//   SidecarConfig config;            // the deployed defaults
//   config.idle_secs = 0;            // never stops by itself
//   LifecycleOptions options;
//   options.handshake_timeout = std::chrono::seconds(3);
//   SidecarLifecycle lifecycle(config, options);

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "zlayer/sidecar/context_mount.h"
#include "zlayer/sidecar/environment.h"

namespace zlayer::sidecar {

/// The settings of protocol section 1. An empty optional means the default named there, which
/// depends on the data directory: $ZLAYER_DATA_DIR; else /var/lib/zlayer for root and ~/.zlayer for
/// others.
struct SidecarConfig {
  /// host:port of a sidecar that somebody else runs: it is dialled, nothing is spawned, no process
  /// is owned.
  std::optional<std::string> addr;
  /// Directory of ca.pem, cert.pem and key.pem; made with its content on first use. Default: <data
  /// dir>/buildd.
  std::optional<std::string> tls_dir;
  /// Seconds without an RPC after which the daemon stops by itself; 0: never.
  std::int64_t idle_secs = 30;
  /// Default: <data dir>/buildd/storage/graph.
  std::optional<std::string> storage_graph_root;
  /// Default: <data dir>/buildd/storage/run.
  std::optional<std::string> storage_run_root;
  std::string storage_driver = "vfs";
  /// For a sidecar that sees this machine's files elsewhere; see GuestPath(). Default: it sees them
  /// where they are.
  std::optional<ContextMount> context_mount;
};

/// A step of a start, in the order in which they happen.
enum class Phase { discover, tls_material, storage, spawn, handshake, dial, probe };

/// The enumerator's name. Static storage.
std::string_view PhaseName(Phase phase);

/// Limits and observers. The callbacks must not throw and must not block; see each for the thread
/// it runs on.
struct LifecycleOptions {
  /// From the spawn to the handshake line.
  std::chrono::milliseconds handshake_timeout{15'000};
  /// TCP connection, TLS and the first answered RPC together.
  std::chrono::milliseconds connect_timeout{10'000};
  /// Deadline of a context made by LiveSidecar::NewContext().
  std::chrono::milliseconds rpc_timeout{600'000};
  /// From SIGTERM to SIGKILL.
  std::chrono::milliseconds grace{5'000};

  /// What discovery reads and the sidecar inherits. Default: this process's environment at each
  /// start.
  std::optional<Environment> environment;

  /// Each complete line of the sidecar's stderr, without its newline; longer ones come in pieces of
  /// 8 KiB. On the supervisor's thread.
  std::function<void(std::string_view line)> on_stderr_line;
  /// A sidecar that was up has gone by itself: its process has ended or its connection has. Once
  /// for each. On the supervisor's thread.
  std::function<void()> on_lost;
  /// The end of each phase of a start and the time it took. On the thread of that start.
  std::function<void(Phase phase, std::chrono::nanoseconds took)> on_phase;
};

}  // namespace zlayer::sidecar
