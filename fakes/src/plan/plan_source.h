// Chooses the plan that this launch follows.

#pragma once

#include <string>

#include "fakes/src/base/failure.h"
#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes::daemon {

struct ChosenPlan {
  /// "honest", "preset NAME", a file's path, or "ZLAYER_FAKE_PLAN" for a plan in the variable
  std::string source = "honest";
  v1::FaultPlan plan;
};

/// Uses the first of these that exists: the preset or file that ZLAYER_FAKE_PLAN names, or the plan
/// that it holds, if it has a `{`; the file zlayer-buildd.plan in the folder of the path that
/// execve(2) got; the preset in that path, if it is .../fakes/<preset>/zlayer-buildd. Otherwise the
/// plan is empty and the fake is honest. ZLAYER_FAKE_UPSTREAM then sets the plan's upstream. The
/// plan has passed CheckPlan(). Errors are bad input.
Result<ChosenPlan> ChoosePlan();

/// Reads a plan from a file ("-": stdin) and checks it. A plan in which nothing is set is an error,
/// because its author will have meant something. Errors are bad input.
Result<ChosenPlan> PlanFromFile(const std::string& path);

/// The path of the file `name` in the folder of the path that execve(2) got.
std::string BesideProgram(const std::string& name);

}  // namespace zlayer::fakes::daemon
