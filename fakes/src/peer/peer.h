// The honest daemon as a value, which each fault of a plan changes in one place.

#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "fakes/src/base/daemon_flags.h"
#include "fakes/src/base/journal.h"
#include "fakes/src/base/log.h"
#include "fakes/src/base/trigger.h"
#include "fakes/src/peer/connection_faults.h"
#include "fakes/src/peer/listener.h"
#include "fakes/src/process/signals.h"
#include "fakes/src/process/waiter.h"
#include "fakes/src/service/build_script.h"
#include "fakes/src/tls/tls_faults.h"
#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes {

/// What a step of the start may use.
struct Start {
  const DaemonFlags& flags;
  Journal& journal;
  Signals& signals;
  const Log& log;
  Listener listener;                      ///< empty before Phase BOUND
  char* const* argv;                      ///< as main has it
  std::uint32_t launch;                   ///< 0: not counted
  std::function<void(bool)> set_serving;  ///< of grpc.health.v1; thread-safe; empty before SERVING
};

/// How the start goes on after the handshake line, or what stands for it.
enum class AfterLine { serve, stall };

using StartStep = std::function<void(Start&)>;

/// Waits as its place demands: in the start a stop signal ends the process; beside serving the
/// daemon's end ends the work, which returns as soon as a wait says so.
using Work = std::function<void(Start&, const Waiter&)>;

struct Peer {
  /// In place of `--version`'s answer; ends the process. Empty: the honest one.
  std::function<void(Start&)> print_version;
  /// Run in order when the phase is reached; indexed by v1::Phase. A step may end the process.
  std::array<std::vector<StartStep>, v1::Phase_ARRAYSIZE> at_phase;
  /// Each in a thread of its own, from v1::SERVING on until the daemon has drained.
  std::vector<Work> beside;
  /// Run behind the drain that a stop signal began; ends the process or leaves it its honest end.
  std::function<void(Start&)> stop;
  /// Empty: the honest line.
  std::function<AfterLine(Start&)> print_line;
  /// Asked at each stop signal that comes; empty: they stop the daemon.
  std::function<bool()> ignores_signal;
  /// An occasion: a connection waits to be accepted. From the first that happens on, none is
  /// accepted. Null: all are.
  TriggerPtr stops_accepting;
  /// Changes the TLS. Run when the material is loaded, since it may need it.
  std::vector<std::function<Result<void>(const DaemonFlags&, TlsFaults&)>> tls_changes;
  /// Of the log's times; TLS has its own.
  std::int64_t clock_offset_secs = 0;
  /// Of each connection's bytes, in the order of the plan.
  ConnectionFaults connections;
  /// Changes what a good request gets to see. Called from any thread.
  std::vector<std::function<void(BuildScript&, Journal&)>> build_changes;

  /// At `phase`: in the start in its order, at SERVING beside the daemon.
  void Add(v1::Phase phase, const Work& work);
};

}  // namespace zlayer::fakes
