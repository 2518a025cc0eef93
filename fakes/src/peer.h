// The honest daemon as a value, which each fault of a plan changes in one place.

#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "fakes/src/connection_faults.h"
#include "fakes/src/faults/trigger.h"
#include "fakes/src/journal.h"
#include "fakes/src/listener.h"
#include "fakes/src/log.h"
#include "fakes/src/options.h"
#include "fakes/src/service/build_script.h"
#include "fakes/src/signals.h"
#include "fakes/src/tls/tls_faults.h"
#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes {

/// What a step of the start may use.
struct Start {
  const DaemonFlags& flags;
  Journal& journal;
  Signals& signals;
  const Log& log;
  Listener listener;  ///< empty before Phase BOUND
};

/// How the start goes on after the handshake line, or what stands for it.
enum class AfterLine { serve, stall };

using StartStep = std::function<void(Start&)>;

struct Peer {
  /// Run in order when the phase is reached; indexed by v1::Phase. A step may end the process.
  std::array<std::vector<StartStep>, v1::Phase_ARRAYSIZE> at_phase;
  /// Empty: the honest line.
  std::function<AfterLine(Start&)> print_line;
  /// Asked at each stop signal that comes; empty: they stop the daemon.
  std::function<bool()> ignores_signal;
  /// An occasion: a connection waits to be accepted. From the first that happens on, none is
  /// accepted. Null: all are.
  TriggerPtr stops_accepting;
  /// Changes the TLS. Run when the material is loaded, since it may need it.
  std::vector<std::function<Result<void>(const DaemonFlags&, TlsFaults&)>> tls_changes;
  /// Of each connection's bytes, in the order of the plan.
  ConnectionFaults connections;
  /// Changes what a good request gets to see. Called from any thread.
  std::vector<std::function<void(BuildScript&, Journal&)>> build_changes;
};

}  // namespace zlayer::fakes
