// The settings of a sidecar, and the limits and callbacks of the library that runs it.
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
#include <vector>

#include "zlayer/sidecar/context_mount.h"
#include "zlayer/sidecar/environment.h"
#include "zlayer/sidecar/error.h"
#include "zlayer/sidecar/lifecycle_event.h"

namespace zlayer::sidecar {

/// The settings of the sidecar protocol. An empty optional means the default that its comment
/// names. <data dir> is $ZLAYER_DATA_DIR if that is set and not empty; else /var/lib/zlayer for
/// root and $HOME/.zlayer for others. A setting that makes no sense fails SidecarLifecycle::Ensure
/// with ErrorKind::config_invalid; so does one that contains a NUL byte. Paths may otherwise hold
/// any bytes, but ContextMount::guest_prefix becomes part of requests and must be UTF-8.
///
/// The directories of a sidecar, which are tls_dir and the two storage roots: what the library
/// makes, missing parents too, gets mode 0700 whatever the umask is. A directory that exists keeps
/// its mode. It must belong to this user or to root, and neither its group nor others may write to
/// it; otherwise the start fails with ErrorKind::tls_material or ErrorKind::storage.
struct SidecarConfig {
  /// host:port of a remote sidecar, which somebody else runs. If set, the library only dials it: it
  /// spawns no process, and stops none. A name may have several addresses: each gets an equal share
  /// of the time that is left of LifecycleOptions::connect_timeout. Default: the library spawns a
  /// sidecar of its own.
  ///
  /// A name is looked up by getaddrinfo(3) on a thread of its own. At the limit or a cancel Ensure
  /// leaves that thread, which stays until getaddrinfo returns; there is at most one for each
  /// address. Until then this library must stay loaded (no dlclose(3)).
  std::optional<std::string> addr;
  /// Directory of the TLS set: ca.pem, cert.pem and key.pem. The library makes the directory and
  /// the set on first use. It replaces a set that is defective, has expired or expires within 24
  /// hours, unless `addr` is set. Only the process that holds the lock <tls_dir>/.lock changes the
  /// set; a start waits for that lock for handshake_timeout, counted from the start's begin.
  /// Default: <data dir>/buildd.
  std::optional<std::string> tls_dir;
  /// A PEM file with the certificate revocation lists of the CAs in ca.pem. It is read at each
  /// start. A server is refused (ErrorKind::server_rejected) if its certificate is on the list of
  /// its CA, and also if that list is out of date or not in the file. When the library makes a new
  /// TLS set, the set has a new CA, for which the file holds no list yet. Default: revocation is
  /// not checked.
  std::optional<std::string> tls_crl;
  /// Seconds without an RPC after which the daemon stops by itself; 0: never. The deployed daemon
  /// checks every 5 s, and counts only calls of BuildService, not those of grpc.health.
  std::int64_t idle_secs = 30;
  /// Default: <data dir>/buildd/storage/graph.
  std::optional<std::string> storage_graph_root;
  /// Default: <data dir>/buildd/storage/run.
  std::optional<std::string> storage_run_root;
  std::string storage_driver = "vfs";
  /// How many builds the sidecar runs at once; further builds wait for a free slot. At least 1. Not
  /// used if `addr` is set. Default: no flag is passed, and the deployed daemon runs one.
  std::optional<std::int32_t> max_concurrent;
  /// How much the sidecar writes to stderr: "error", "warn", "info" or "debug". Not used if `addr`
  /// is set. Default: no flag is passed, and the deployed daemon takes info.
  std::optional<std::string> log_level;
  /// Further arguments of the sidecar, passed behind all others, in this order. An argument that
  /// sets a flag which the library passes, or has another setting for, is config_invalid, with one
  /// hyphen or two: --bind, --tls-ca, --tls-cert, --tls-key, --idle-secs, --storage-root,
  /// --storage-runroot, --storage-driver, --max-concurrent, --log-level. To pass such a text as the
  /// value of another flag, write --flag=value. Not used if `addr` is set.
  std::vector<std::string> arguments;
  /// For a sidecar that sees this machine's files under another path, such as a container with a
  /// bind mount; see GuestPath(). Default: it sees them under the same path.
  std::optional<ContextMount> context_mount;
};

/// A step of a start. See LifecycleOptions::on_phase for their order.
enum class Phase { discover, tls_material, storage, spawn, handshake, dial, probe };

/// Returns the enumerator's name. The text has static storage.
std::string_view PhaseName(Phase phase);

/// Which descendants of the sidecar are guaranteed to end when the sidecar or this process ends,
/// and what happens when this process dies, even by SIGKILL and in the middle of a build:
///
/// - group: the kernel kills the sidecar at once. As root, a running build then leaves mounts and a
///   container record behind.
/// - keeper: the keeper sends the sidecar's process group SIGTERM, and SIGKILL if the sidecar still
///   runs after LifecycleOptions::grace. A sidecar that ends at SIGTERM is gone at once. A sidecar
///   that was being stopped gets what is left of its grace.
/// - pid_namespace: as keeper.
///
/// A sidecar that has not printed its handshake line yet is treated alike.
///
/// Every level kills the sidecar's process group when the sidecar ends or is stopped. No level
/// signals a process that is not known to be the sidecar's.
enum class Containment {
  /// The sidecar is a direct child of this process. What this level does not do:
  /// - A descendant that leaves the process group (setsid, a double fork into a new session) is
  ///   never killed.
  /// - If this process is killed, only the sidecar itself is killed with it, without SIGTERM.
  /// - The sidecar's exit status is lost if this process ignores SIGCHLD or reaps children that it
  ///   did not start.
  /// - The sidecar's exec(2) runs on the supervisor's thread. If it hangs, as on a network file
  ///   system whose server is gone, every sidecar of this process waits, until handshake_timeout.
  group,
  /// A keeper process is the sidecar's parent, and the subreaper of all its descendants. The keeper
  /// kills them when the sidecar has ended. A stop of the sidecar wakes a keeper that is stopped
  /// (SIGSTOP). If the keeper has not taken the order to kill within 1 s, or not carried it out
  /// within 10 s, the library kills the keeper and the sidecar itself. What this level does not do:
  /// - A keeper that is stopped when this process dies, as a hostile sidecar can bring about, stays
  ///   with its sidecar until somebody continues it.
  /// - If the keeper itself is killed, only the sidecar and, since Linux 6.9, its process group are
  ///   killed with it. StopReport::keeper_signal tells.
  /// - Set-user-ID programs, and processes that fork faster than they are killed, may survive.
  /// - Without /proc, descendants that left the process group survive.
  keeper,
  /// As `keeper`, and the keeper is also the init process of a PID namespace: the kernel kills
  /// everything in the namespace, even if the keeper is killed. Needs CAP_SYS_ADMIN or unprivileged
  /// user namespaces (with a /proc that can be written). Processes outside of the namespace have no
  /// process ids in it.
  ///
  /// The sidecar still sees the /proc of this process, not one of the namespace. A daemon that
  /// looks itself up in /proc by its pid fails: the deployed zlayer-buildd cannot start at this
  /// level when it runs rootless. As root it can.
  pid_namespace,
};

/// Exponential backoff for a sidecar that keeps failing. A failure is a start that fails once the
/// process runs, or a sidecar that ends by itself with a status other than 0, or whose connection
/// ends although it has not announced that (HTTP/2 GOAWAY). During a pause Ensure starts nothing
/// and fails at once with ErrorKind::crash_loop.
struct RestartLimits {
  /// This many failures in a row cause no pause.
  std::uint32_t free_restarts = 3;
  /// The pause after the first failure beyond free_restarts. Each further failure doubles it, up to
  /// longest_pause.
  std::chrono::milliseconds first_pause{200};
  std::chrono::milliseconds longest_pause{10'000};
  /// A sidecar that was up for this long counts as a success, however it ended: the count of
  /// failures starts again at 0.
  std::chrono::milliseconds worked_after{10'000};
};

/// Limits and callbacks of a SidecarLifecycle.
///
/// A limit of std::chrono::milliseconds::max() means that there is none.
///
/// Callbacks run one after the other on a thread of this lifecycle, which the first start makes if
/// there is a callback; Ensure fails with ErrorKind::spawn_failed if it cannot be made. A callback
/// may block, and may call every function of this library, Ensure, Shutdown and the destructor of
/// its own lifecycle included. While it runs, the other callbacks of this lifecycle wait, and a
/// sidecar that is up may wait (see on_stderr_line); no start, no stop and nothing else does. A
/// callback must not throw.
///
/// Callbacks come after what they report: Ensure may return before on_phase or on_event has told of
/// that start. The destructor of the lifecycle returns when every callback that was due has
/// returned, and none runs after that. Called inside a callback, the destructor does not wait: that
/// callback is the last one. So never destroy a lifecycle while you hold a lock that a callback
/// takes.
struct LifecycleOptions {
  /// From the spawn to the handshake line `LISTENING host:port` on the sidecar's stdout. Also, from
  /// the begin of a start, how long it waits for another process that changes the TLS set.
  std::chrono::milliseconds handshake_timeout{15'000};
  /// For looking up a remote name, the TCP connection, the TLS handshake and the first answered RPC
  /// together.
  std::chrono::milliseconds connect_timeout{10'000};
  /// Limit of one RPC: the deadline of LiveSidecar::NewContext(), and the default of
  /// CallOptions::timeout and BuildOptions::timeout.
  std::chrono::milliseconds rpc_timeout{600'000};
  /// From SIGTERM to SIGKILL when a sidecar is stopped, by this process or, after this process's
  /// death, by the keeper (Containment).
  std::chrono::milliseconds grace{5'000};

  RestartLimits restarts;

  /// Whether to refuse a server that does not ask for our client certificate, and so serves
  /// everybody who reaches its port. True: such a server fails the start with
  /// ErrorKind::server_rejected. False: it is accepted, and LiveSidecar::authenticates_clients()
  /// returns false.
  bool require_client_authentication = false;

  Containment containment = Containment::keeper;
  /// Path of the keeper's program. Its file is named zlayer-buildd-keeper-N, where N is the version
  /// of its protocol, so several versions of this library can be installed side by side. Empty: the
  /// first that exists of the path chosen when the library was built or installed, the directory of
  /// this program, and ../libexec/zlayer-sidecar relative to that directory. A keeper of another
  /// version is refused (ErrorKind::spawn_failed). Not used with Containment::group.
  std::string keeper_path;

  /// The variables that name the data directory and the binary ($ZLAYER_DATA_DIR, $HOME,
  /// $ZLAYER_BUILDD_BIN, $PATH), and the environment that the sidecar inherits. Default:
  /// Environment::OfThisProcess(), read at each start by the call of Ensure that begins it; in a
  /// set-user-ID program that ignores the variables of its caller. An environment that is given
  /// here is trusted as it is.
  std::optional<Environment> environment;

  /// Called with each line of the sidecar's stderr, without its newline. The last line needs none:
  /// it is passed when the stream ends. A line longer than 8 KiB is passed in pieces of 8 KiB.
  ///
  /// If 1 MiB of lines waits for this callback, the library stops to read until half of them are
  /// passed on, and the sidecar blocks when its pipe is full. So no line of a sidecar that is up is
  /// lost. While a sidecar starts, and once it is stopped, the library goes on reading, because the
  /// sidecar might otherwise not come up or not end. If then 2 MiB of lines wait, it leaves lines
  /// out; StderrTail() and LifecycleError::stderr_tail have the last ones.
  std::function<void(std::string_view line)> on_stderr_line;
  /// Called once for each sidecar that was up and is lost without having been stopped by us: its
  /// process or its connection has ended, or it has announced its end (HTTP/2 GOAWAY). By then
  /// Ensure does not return it any more, so on_lost is the place to call Ensure for a new one.
  ///
  /// `why` is of kind sidecar_lost. Its message tells what was seen: an idle exit (announced, with
  /// exit_code 0), a crash (exit_code or signal), or the end of the connection. Comes up to 250 ms
  /// after the loss, when the end of the process is not known earlier.
  std::function<void(const LifecycleError& why)> on_lost;
  /// Called at the end of each phase of a start with the time that the phase took. The times add up
  /// to the whole start, but for some microseconds.
  ///
  /// Phases come in the order of the enumeration Phase, with one exception: if a complete TLS set
  /// exists, the sidecar is spawned with it at once, and the set is verified while the sidecar
  /// starts, so tls_material comes after spawn. If the set turns out to be bad, that sidecar is
  /// killed, and storage and spawn come a second time. A start with SidecarConfig::addr has only
  /// tls_material, dial and probe.
  std::function<void(Phase phase, std::chrono::nanoseconds took)> on_phase;
  /// Called for what a log would tell besides errors and losses; see lifecycle_event.h.
  std::function<void(const LifecycleEvent& event)> on_event;
};

}  // namespace zlayer::sidecar
