// The honest daemon as a value, which each fault of a plan changes in one place.
//
// This room, peer/, has the parts of a daemon that faults replace. A Peer without changes is the
// honest daemon. Each armed fault (faults/armed_faults.h) adds a step, a background work or a hook
// to a Peer; Append() puts these together. Launch() (daemon/launch.h) plays the result and knows no
// fault by name. storage.h opens the store, listener.h the socket, handshake_line.h prints the
// honest line, limits.h has the times, connection_faults.h lists the faults of a connection's
// bytes, companions.h runs background works. Invariant: a Peer that is in force does not change any
// more, so threads read it without a lock; a change of faults puts another Peer in its place. Start
// reading at struct Peer.

#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fakes/src/base/daemon_flags.h"
#include "fakes/src/base/journal.h"
#include "fakes/src/base/log.h"
#include "fakes/src/base/trigger.h"
#include "fakes/src/peer/connection_faults.h"
#include "fakes/src/peer/limits.h"
#include "fakes/src/peer/listener.h"
#include "fakes/src/process/signals.h"
#include "fakes/src/process/waiter.h"
#include "fakes/src/service/activity.h"
#include "fakes/src/service/build_script.h"
#include "fakes/src/tls/tls_faults.h"
#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes::daemon {

/// The state of this launch, for the steps and works of a Peer. Lives as long as the process.
struct Start {
  DaemonFlags flags;  ///< once the store is open, its flags say what is in use
  Journal& journal;
  Signals& signals;
  const Log& log;
  Listener listener;     ///< not open before phase BOUND
  char* const* argv;     ///< main()'s argv
  std::uint32_t launch;  ///< 1: the first; 0: launches are not counted
  std::function<void(bool)>
      set_serving;  ///< sets what grpc.health.v1 answers; thread-safe; empty before SERVING
};

/// How the start goes on after the handshake line, or after the bytes in its place: serve, or
/// listen and accept nothing.
enum class AfterLine { serve, stall };

using StartStep = std::function<void(Start&)>;

/// A piece of work that a fault does, in the start or in the background. It must wait only through
/// the Waiter. In the start, a stop signal during a wait kills the process. In the background, a
/// wait returns Woke::stop when the daemon stops, and the work must then return.
using Work = std::function<void(Start&, const Waiter&)>;

/// All Peers of a process are copies of one honest Peer and share what its first three members
/// point to.
struct Peer {
  /// What the triggers of this process wait for. Thread-safe.
  std::shared_ptr<Happenings> happenings = std::make_shared<Happenings>();
  /// The open RPCs. Thread-safe.
  std::shared_ptr<Activity> activity = std::make_shared<Activity>(happenings);
  /// With the fault `re_exec`: the triggers to arm when it does not happen. Otherwise empty.
  std::shared_ptr<std::vector<TriggerPtr>> without_launcher =
      std::make_shared<std::vector<TriggerPtr>>();
  /// Called instead of printing the version for `--version`; exits, or returns for the honest
  /// answer. Empty: honest.
  std::function<void(Start&)> print_version;
  /// The steps to run, in order, when a phase is reached; indexed by v1::Phase. A step may exit.
  std::array<std::vector<StartStep>, v1::Phase_ARRAYSIZE> at_phase;
  /// Works for the background: each runs in its own thread from v1::SERVING on, until the daemon
  /// has drained or the fault is disarmed.
  std::vector<Work> beside;
  /// Called when the fault is disarmed while the daemon serves, after its works have ended: takes
  /// back what would outlast them, such as the health that was set.
  std::vector<StartStep> at_disarm;
  /// Called after the drain that a stop signal began; exits, or returns for the honest exit. Empty:
  /// honest.
  std::function<void(Start&)> stop;
  /// Called when the storage is opened; why that fails, or an empty string. Empty: honest.
  std::function<std::string()> storage_error;
  /// Called when the socket is bound and does not listen yet. Empty: nothing.
  std::function<void(Start&)> before_listen;
  /// Called instead of printing the handshake line. Empty: PrintHonestLine().
  std::function<AfterLine(Start&)> print_line;
  /// Called for each stop signal; true means that the signal is ignored. Empty: no signal is
  /// ignored.
  std::function<bool()> ignores_signal;
  /// Evaluated whenever a connection waits to be accepted. Once it happens, no connection is
  /// accepted as long as the fault is armed. Null: all connections are accepted.
  TriggerPtr stops_accepting;
  /// Add faults to the TLS server. Called after phase START, just before the TLS files are loaded,
  /// and again when faults change while the daemon runs. Errors end the start, or the change.
  std::vector<std::function<Result<void>(const DaemonFlags&, TlsFaults&)>> tls_changes;
  /// Added to the log's timestamps. TlsFaults has the clock of the TLS server.
  std::int64_t clock_offset_secs = 0;
  ConnectionFaults connections;
  /// Change the script of a Build whose request is valid. Called on any thread of gRPC.
  std::vector<std::function<void(BuildScript&, Journal&)>> build_changes;

  /// Adds `work` at `phase`: as a step of the start, or in the background when `phase` is SERVING.
  /// In the background, the work begins as soon as there is what the `when` of `trigger` waits for.
  void Add(v1::Phase phase, const TriggerPtr& trigger, const Work& work);
};

/// Adds the changes of `from` behind those of `to`. Where only one hook is possible, the one of
/// `from` counts. Both share their first three members.
void Append(const Peer& from, Peer& to);

}  // namespace zlayer::fakes::daemon
