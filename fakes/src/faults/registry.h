// The faults. Each fault that a plan can name has one file, which defines one FaultKind: how to
// check the fault's values, where in a launch it acts, and how it changes the Peer.
//
// The folders below are the layers of a launch:
//   start/      phases before serving, and processes left behind
//   stop/       what SIGTERM and SIGINT do
//   tls/        the TLS server and its certificate
//   network/    bytes of TCP (network/network_fault.h)
//   http2/      frames (http2/frame_fault.h of src/)
//   grpc/       answers to RPCs (http2/rpc_fault.h of src/)
//   build/      the event stream of a Build
//   resources/  memory, descriptors, processors, disk
// CheckPlan() (plan/plan_check.h) calls `check` and `reach`; ArmedFaults (armed_faults.h) calls
// `apply` when a launch or a request arms the fault. Invariant: a fault changes the Peer only in
// `apply`; at each occasion it asks its Trigger whether to act. Start reading at struct FaultKind,
// then at start/hang.cc, the smallest fault.
//
// To add a fault: a message in fault_plan.proto, a file here that defines its FaultKind, a line in
// kinds.h, in registry.cc and in CMakeLists.txt, and a preset.

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "fakes/src/base/failure.h"
#include "fakes/src/base/trigger.h"
#include "fakes/src/peer/peer.h"
#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes::daemon {

/// Where in a launch a fault acts, in the order of a launch. `command` is a run with `--version`,
/// which starts no daemon.
/// `opening`: the storage is opened. `announced`: the socket is bound and does not listen yet.
/// `background`: the daemon serves, and no client is needed. `serving`: a client is needed.
enum class Stage {
  command,
  start,
  opening,
  announced,
  bound,
  line,
  after_line,
  background,
  accepting,
  serving
};

/// The stage that belongs to a phase of the plan.
Stage StageOf(v1::Phase phase);

/// Where a fault acts, and which other faults it keeps from firing. CheckPlan() compares the Reach
/// of all faults of a plan and refuses a fault that could never fire.
struct Reach {
  Stage stage = Stage::serving;
  /// The start does not get past this fault: neither a later stage nor a later fault of the same
  /// stage is reached.
  bool ends_start = false;
  bool ends = false;               ///< nothing happens in this process once it has fired
  bool at_once = false;            ///< exits without a wait, so no signal is seen before
  bool can_block = false;          ///< makes the fake wait for a time and then go on
  bool fires_in_any_wait = false;  ///< fires at a signal, so in every stage in which the fake waits
  bool in_handshake = false;       ///< fires in the TLS handshake, or where it would begin
  bool prevents_handshake = false;     ///< no TLS handshake begins any more
  bool verifies_client = false;        ///< fires when a client's certificate is verified
  bool prevents_verification = false;  ///< no client's certificate is verified any more
  bool needs_tls13 = false;            ///< fires only where TLS 1.3 is spoken
  bool prevents_tls13 = false;         ///< TLS 1.3 is not spoken any more
  bool presents_certificate = false;   ///< fires when the server presents its certificate
  bool prevents_certificate = false;   ///< no client gets the server's certificate any more
  bool in_http2 = false;               ///< fires once a connection speaks HTTP/2
  bool prevents_http2 = false;         ///< no connection gets to HTTP/2 any more
  bool in_service = false;      ///< acts inside the fake's own service, which an upstream replaces
  bool in_bytes = false;        ///< fires at bytes of a connection
  bool prevents_bytes = false;  ///< no connection carries bytes any more
  bool at_stop = false;         ///< fires when a signal stops the daemon
  bool prevents_stop = false;   ///< no signal stops the daemon any more
  std::uint32_t fires_after_ms = 0;  ///< between the occasion and the moment at which it fires
};

/// A field whose value is not valid, and why. An empty `field` means that there is no mistake.
struct Mistake {
  std::string field;
  std::string what;
};

/// One kind of fault. All functions but `check_flags` are set.
struct FaultKind {
  std::string_view name;  ///< the name of its field in v1::Fault
  /// The name of a group of faults. A plan may have at most one fault of each group, because they
  /// change the same place of the Peer. Empty: any number.
  std::string_view excludes;
  Reach (*reach)(const v1::Fault& fault);
  Mistake (*check)(const v1::Fault& fault);
  /// Checks what depends on the daemon's flags, such as a file beside `--tls-ca`. Null: nothing
  /// does. Errors are bad input.
  Result<void> (*check_flags)(const v1::Fault& fault, const DaemonFlags& flags);
  /// Changes `peer`. `fault` has passed `check`. Copies what it needs later.
  void (*apply)(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer);
};

/// All kinds, sorted by name.
std::span<const FaultKind> FaultKinds();

/// Null when the fault's kind is not set.
const FaultKind* FindFaultKind(const v1::Fault& fault);
/// Null when no kind has this name.
const FaultKind* FindFaultKind(std::string_view name);

/// The mistake of an enum field that must be set and is not. Lists the values, without the first
/// one, which means "not set".
Mistake NotSet(std::string field, const google::protobuf::EnumDescriptor* values);

/// A `check` of `phase` for kinds that act only in the start.
inline Mistake NotAtServing(v1::Phase phase) {
  if (phase == v1::SERVING) return {"phase", "must be START, BOUND or LINE"};
  return {};
}

/// The `check` of kinds for which every value is valid.
inline Mistake NoMistake(const v1::Fault& /*fault*/) { return {}; }

/// Arms the faults of a run with `--version` (Stage::command), and no others.
void ApplyVersionFaults(const v1::FaultPlan& plan, Journal& journal, Peer& peer);

/// Checks what the plan's own check cannot see: the flags and the environment of launch `launch`
/// (0: launches are not counted). Errors are bad input: a fault needs a file or a variable that is
/// missing. The message begins with the field, below the fault.
Result<void> CheckLaunch(const v1::Fault& fault, const DaemonFlags& flags, std::uint32_t launch);

}  // namespace zlayer::fakes::daemon
