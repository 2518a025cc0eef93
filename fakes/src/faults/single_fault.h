// One armed fault: its trigger, what it changes, and what it does beside the daemon.

#pragma once

#include <cstdint>
#include <memory>

#include "fakes/src/faults/registry.h"
#include "fakes/src/peer/companions.h"
#include "fakes/src/peer/peer.h"

namespace zlayer::fakes::daemon {

/// An armed fault, for people.
struct ArmedFault {
  std::uint32_t index = 0;  ///< in the journal's fault_armed and fault_fired; never used twice
  v1::Fault fault;
  std::uint32_t times_fired = 0;
};

/// Not thread-safe, but for its trigger.
class SingleFault {
 public:
  /// Applies the fault to a copy of the honest Peer. The trigger is not armed yet.
  SingleFault(const v1::Fault& fault, std::uint32_t index, TriggerPtr trigger, const Peer& honest);

  std::uint32_t index() const { return index_; }
  const v1::Fault& fault() const { return fault_; }
  const FaultKind& kind() const { return *FindFaultKind(fault_); }
  const TriggerPtr& trigger() const { return trigger_; }
  const Peer& changes() const { return changes_; }
  ArmedFault Described() const { return {index_, fault_, trigger_->times_fired()}; }

  /// Runs its steps of SERVING and starts its works.
  void Begin(Start& start);
  /// Ends its works.
  void StopWorks() { companions_.reset(); }
  /// Disarms it, ends its works and takes back what would outlast them. `start` is null unless the
  /// daemon serves.
  void End(Start* start);

 private:
  const std::uint32_t index_;
  const v1::Fault fault_;
  const TriggerPtr trigger_;
  Peer changes_;
  std::unique_ptr<Companions> companions_;
};

}  // namespace zlayer::fakes::daemon
