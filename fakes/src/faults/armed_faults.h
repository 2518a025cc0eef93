// The faults that are armed, which requests may change while the daemon runs.
//
// A launch arms the faults of its plan, and the control socket (control/) arms and disarms others
// later. Each armed fault changes a Peer of its own, once; the Peer in force is the sum. A change
// makes a new InForce and puts it in the place of the old one. So nobody who reads the faults, on
// whatever thread, meets a half of a change, and whoever holds the old ones may go on with them:
//
//   const InForcePtr now = armed.Now();     // at each occasion: a connection, a Build, a signal
//   for (const auto& change : now->peer.build_changes) change(script, journal);

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "fakes/src/base/daemon_flags.h"
#include "fakes/src/base/unique_fd.h"
#include "fakes/src/faults/registry.h"
#include "fakes/src/faults/single_fault.h"
#include "fakes/src/peer/peer.h"

namespace zlayer::fakes::daemon {

/// The faults at one moment. Does not change.
struct InForce {
  v1::FaultPlan plan;  ///< its faults are those that are armed
  Peer peer;           ///< with the changes of all of them
  TlsFaults tls;       ///< for the TLS server; empty until LoadTls()
};
using InForcePtr = std::shared_ptr<const InForce>;

/// Thread-safety: Now() may be called from any thread, and so may Arm(), Disarm(), Replace() and
/// Armed(), one of which waits for another. The rest belongs to the main thread.
class ArmedFaults {
 public:
  /// For launch `launch` (0: launches are not counted). References must outlive this.
  ArmedFaults(const DaemonFlags& flags, std::uint32_t launch, Journal& journal);
  ArmedFaults(const ArmedFaults&) = delete;
  ArmedFaults& operator=(const ArmedFaults&) = delete;

  /// Arms the faults of the plan of this launch, in its order, but for those of a run with
  /// `--version`. The plan has passed CheckPlan(). Errors are bad input: a fault needs a file or a
  /// variable that is missing.
  Result<void> ArmPlan(const v1::FaultPlan& plan);

  /// Says that requests may come. Connections then let faults join that are armed later, which
  /// costs them a stage.
  void ExpectChanges() { expects_changes_ = true; }
  bool expects_changes() const { return expects_changes_; }

  /// Says that the start has come to `stage`, for which no fault can be armed any more.
  InForcePtr Enter(Stage stage);
  /// Makes the faults of the TLS server. Errors end the start.
  Result<void> LoadTls();
  /// Runs the steps of SERVING and starts the works beside the daemon.
  void Serve(Start& start);
  /// Ends the works beside the daemon.
  void StopWorks();

  InForcePtr Now() const;
  /// What triggers wait for, and the open RPCs; both are thread-safe and live as long as this.
  Happenings& happenings() const { return *honest_.happenings; }
  Activity& activity() const { return *honest_.activity; }
  /// An eventfd that is readable after a change; the main thread reads it.
  int changed_fd() const { return changed_.get(); }

  /// Arms one more fault, behind those that are armed. It has passed the check of its values.
  /// Errors say why it cannot happen any more, or not together with another; nothing has changed
  /// then. The message begins with the fault's name.
  Result<ArmedFault> Arm(const v1::Fault& fault);
  /// Disarms every fault that is `chosen`, and returns those. Errors: the certificates of the
  /// others cannot be made again; nothing has changed then.
  Result<std::vector<ArmedFault>> Disarm(const std::function<bool(const ArmedFault&)>& chosen);
  /// Disarms all faults and arms those of `plan`, which has passed CheckPlan(). Errors are those of
  /// Arm(), with the fault's place in the plan; nothing has changed then.
  Result<void> Replace(const v1::FaultPlan& plan);

  std::vector<ArmedFault> Armed() const;

 private:
  using Faults = std::vector<std::shared_ptr<SingleFault>>;

  std::shared_ptr<SingleFault> Make(const v1::Fault& fault, std::uint32_t index,
                                    std::uint64_t seed) const;
  /// Fails when the fault's moment is over, or the launch cannot have it.
  Result<void> CheckPossible(const v1::Fault& fault) const;
  /// Fails when another armed fault changes the same place.
  Result<void> CheckFree(const v1::Fault& fault) const;
  Result<InForcePtr> Compose(const Faults& faults, v1::FaultPlan plan) const;
  void Publish(InForcePtr next, Faults faults);

  const DaemonFlags& flags_;
  const std::uint32_t launch_;
  Journal& journal_;
  const UniqueFd changed_;
  const Peer honest_;  // what each fault changes a copy of
  bool expects_changes_ = false;

  mutable std::mutex changing_;  // guards what follows; one change at a time
  Faults faults_;
  std::uint32_t next_index_ = 0;
  Stage stage_ = Stage::command;
  bool has_tls_ = false;
  Start* start_ = nullptr;  // set while the daemon serves

  mutable std::mutex reading_;  // guards now_
  InForcePtr now_;
};

}  // namespace zlayer::fakes::daemon
