// Which faults of a plan with `re_exec` have their occasion in this run of the program.

#pragma once

#include "fakes/src/faults/registry.h"
#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes::daemon {

/// Which of the two runs of a launch with `re_exec` this is, and so which faults happen in it. The
/// first run is the launcher: the faults of START up to `re_exec` happen in it, and all others only
/// if `re_exec` does not. The second run is the daemon: the others happen in it.
class LauncherRun {
 public:
  /// The plan must outlive this.
  explicit LauncherRun(const v1::FaultPlan& plan);

  /// The fault has had its occasion in the first run.
  bool IsOver(int index) const { return is_second_ && IsTheLaunchers(index); }
  /// Whether the fault has an occasion in this run is known only when `re_exec` has had its own.
  bool IsLater(int index) const { return re_exec_ >= 0 && !is_second_ && !IsTheLaunchers(index); }

 private:
  bool IsTheLaunchers(int index) const;

  const v1::FaultPlan& plan_;
  const bool is_second_;
  int re_exec_ = -1;  // its index; -1: the plan has none
};

}  // namespace zlayer::fakes::daemon
