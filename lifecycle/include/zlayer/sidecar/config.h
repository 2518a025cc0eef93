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
  /// Directory of ca.pem, cert.pem and key.pem. Made with its content on first use; a set that is
  /// expired, about to be, or defective is replaced, unless `addr` is set. Default: <data
  /// dir>/buildd.
  std::optional<std::string> tls_dir;
  /// A PEM file with the certificate revocation lists of the CAs in ca.pem, read at each start. A
  /// server whose certificate is on its CA's list is refused, and so is every server while a list
  /// is out of date or missing there (ErrorKind::server_rejected); a set that is made anew has a
  /// new CA. Default: no list is looked at.
  std::optional<std::string> tls_crl;
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

/// A step of a start. See LifecycleOptions::on_phase for their order.
enum class Phase { discover, tls_material, storage, spawn, handshake, dial, probe };

/// The enumerator's name. Static storage.
std::string_view PhaseName(Phase phase);

/// How much of what a sidecar starts is sure to end with it, and with this process.
///
/// All levels end the sidecar's process group when the sidecar ends or is stopped, and never signal
/// a process that is not known to be the sidecar's.
enum class Containment {
  /// The sidecar is a child of this process. Not held: a process that leaves the group (setsid, a
  /// double fork into a session of its own), ever; everything but the sidecar itself when this
  /// process is killed. Its exit status is lost when this process ignores SIGCHLD or reaps children
  /// that are not its own. An exec that hangs, as on a file system that is gone, holds up the
  /// supervisor's thread, and so every sidecar of this process, until handshake_timeout.
  group,
  /// A keeper process is the sidecar's parent and the subreaper of all that it starts; it ends them
  /// when the sidecar ends and when this process does, even by SIGKILL. Not held: everything but
  /// the sidecar itself when the keeper is killed; set-user-ID programs; a process that forks
  /// faster than it can be killed; where there is no /proc, processes that left the group.
  keeper,
  /// The keeper is also the init of a PID namespace: the kernel ends everything in it, even when
  /// the keeper is killed. Needs CAP_SYS_ADMIN or unprivileged user namespaces; in the sidecar,
  /// processes of the rest of the system have no numbers.
  pid_namespace,
};

/// What happens when sidecars fail one after the other: starts that fail once there is a process,
/// and sidecars that end by themselves with another status than 0. In between, Ensure fails at once
/// with ErrorKind::crash_loop.
struct RestartLimits {
  /// So many failures in a row have no consequence.
  std::uint32_t free_restarts = 3;
  /// From the next failure to the next start; doubled by each further failure, up to longest_pause.
  std::chrono::milliseconds first_pause{200};
  std::chrono::milliseconds longest_pause{10'000};
  /// A sidecar that was up for so long has worked, whatever its end: failures are counted anew.
  std::chrono::milliseconds worked_after{10'000};
};

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

  RestartLimits restarts;

  /// A server that does not ask for our certificate serves everybody who reaches its port. True: it
  /// is refused (ErrorKind::server_rejected). False: LiveSidecar::authenticates_clients() tells.
  bool require_client_authentication = false;

  Containment containment = Containment::keeper;
  /// Where zlayer-buildd-keeper is. Empty: where the build or the installation put it, then beside
  /// this program, then in ../libexec/zlayer-sidecar from there.
  std::string keeper_path;

  /// What discovery reads and the sidecar inherits. Default: this process's environment at each
  /// start.
  std::optional<Environment> environment;

  /// Each complete line of the sidecar's stderr, without its newline; longer ones come in pieces of
  /// 8 KiB. On the supervisor's thread.
  std::function<void(std::string_view line)> on_stderr_line;
  /// A sidecar that was up goes by itself: its process or its connection has ended, or it has said
  /// that it will end (GOAWAY). Once for each. On the supervisor's thread.
  std::function<void()> on_lost;
  /// The end of each phase of a start and the time it took, which together are the whole but for
  /// some microseconds. On the thread of that start. In the order of Phase, but tls_material comes
  /// after spawn where there is a set, which is verified while the sidecar starts with it; if the
  /// set is bad, that sidecar is ended, and storage and spawn come again.
  std::function<void(Phase phase, std::chrono::nanoseconds took)> on_phase;
};

}  // namespace zlayer::sidecar
