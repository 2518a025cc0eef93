// Which plan this launch follows.

#pragma once

#include <string>

#include "fakes/src/base/failure.h"
#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes {

struct ChosenPlan {
  std::string source = "honest";  ///< "honest", "preset NAME" or a file's path
  v1::FaultPlan plan;
};

/// In this order: ZLAYER_FAKE_PLAN, a preset's name or a file; zlayer-buildd.plan beside the path
/// that the program was started by; that path itself, where it is .../fakes/<preset>/zlayer-buildd;
/// else honest. The plan is parsed and its faults can fire.
Result<ChosenPlan> ChoosePlan();

/// A plan from a file, parsed and checked.
Result<ChosenPlan> PlanFromFile(const std::string& path);

}  // namespace zlayer::fakes
