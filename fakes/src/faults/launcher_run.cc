#include "fakes/src/faults/launcher_run.h"

#include "fakes/src/process/launch_count.h"

namespace zlayer::fakes::daemon {

LauncherRun::LauncherRun(const v1::FaultPlan& plan) : plan_(plan), is_second_(IsReExecuted()) {
  for (int i = 0; i < plan.fault_size(); ++i) {
    if (plan.fault(i).has_re_exec()) re_exec_ = i;
  }
}

bool LauncherRun::IsTheLaunchers(int index) const {
  const v1::Fault& fault = plan_.fault(index);
  return index <= re_exec_ && FindFaultKind(fault)->reach(fault).stage == Stage::start;
}

}  // namespace zlayer::fakes::daemon
