// Every fault that a plan can name, one file each. To add one: a message in fault_plan.proto, a
// file here that defines its FaultKind, a line in registry.cc, a preset.

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "fakes/src/base/failure.h"
#include "fakes/src/base/trigger.h"
#include "fakes/src/peer/peer.h"
#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes {

/// Where a fault acts, in the order of a launch; `command`: in runs that are none.
enum class Stage { command, start, bound, line, after_line, accepting, serving };

/// The stage of a fault that names a phase.
Stage StageOf(v1::Phase phase);

/// For the check that every fault of a plan can fire.
struct Reach {
  Stage stage = Stage::serving;
  bool ends_start = false;       ///< no later stage is reached, nor a later fault of the same stage
  bool at_once = false;          ///< ends the process without waiting for anything
  bool can_block = false;        ///< makes the fake wait, and go on later
  bool needs_a_wait = false;     ///< fires whenever the fake waits, not only in its stage
  bool in_handshake = false;     ///< fires in TLS's handshake, or where it would begin
  bool ends_handshakes = false;  ///< there is no handshake any more
  bool judges_client = false;    ///< fires when a client's certificate is judged
  bool judges_nobody = false;    ///< no client's certificate is judged any more
};

/// A field with a value that makes no sense; no field: no mistake.
struct Mistake {
  std::string field;
  std::string what;
};

struct FaultKind {
  std::string_view name;      ///< of the field in v1::Fault
  std::string_view excludes;  ///< at most one fault of a plan has this word; empty: any number
  Reach (*reach)(const v1::Fault& fault);
  Mistake (*check)(const v1::Fault& fault);
  /// The needs that only the flags can tell; null: none. Errors are bad input.
  Result<void> (*check_flags)(const v1::Fault& fault, const DaemonFlags& flags);
  void (*apply)(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer);
};

std::span<const FaultKind> FaultKinds();

/// Null when the fault's kind is not set.
const FaultKind* FindFaultKind(const v1::Fault& fault);

/// An enum that must be chosen and is not: names its values, but for the one that means "not set".
Mistake NotSet(std::string field, const google::protobuf::EnumDescriptor* values);

/// For kinds that are part of the start.
inline Mistake NotAtServing(v1::Phase phase) {
  if (phase == v1::SERVING) return {"phase", "must be START, BOUND or LINE"};
  return {};
}

/// For kinds whose values all make sense.
inline Mistake NoMistake(const v1::Fault& /*fault*/) { return {}; }

/// Changes `peer` as the plan's faults of runs that are no launch say, and only those.
void ApplyToCommand(const v1::FaultPlan& plan, Journal& journal, Peer& peer);

/// Changes `peer` as the plan's other faults say, in launch `launch` (0: not counted). The journal
/// must outlive the peer.
Result<void> ApplyPlan(const v1::FaultPlan& plan, const DaemonFlags& flags, std::uint32_t launch,
                       Journal& journal, Peer& peer);

}  // namespace zlayer::fakes
