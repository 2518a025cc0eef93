// Chooses the plan that this launch follows.

#pragma once

#include <string>

#include "fakes/src/base/failure.h"
#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes::daemon {

struct ChosenPlan {
  std::string source = "honest";  ///< "honest", "preset NAME" or a file's path
  v1::FaultPlan plan;
};

/// Uses the first of these that exists: the preset or file that ZLAYER_FAKE_PLAN names; the file
/// zlayer-buildd.plan in the folder of the path that execve(2) got; the preset in that path, if it
/// is .../fakes/<preset>/zlayer-buildd. Otherwise the plan is empty and the fake is honest.
/// ZLAYER_FAKE_UPSTREAM then sets the plan's upstream. The plan has passed CheckPlan(). Errors are
/// bad input.
Result<ChosenPlan> ChoosePlan();

/// Reads a plan from a file and checks it. Errors are bad input.
Result<ChosenPlan> PlanFromFile(const std::string& path);

}  // namespace zlayer::fakes::daemon
