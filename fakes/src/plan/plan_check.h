// A plan that parses can still ask for what never happens.

#pragma once

#include <string>
#include <string_view>

#include "fakes/src/base/failure.h"
#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes {

/// Every fault of the plan can fire. The error is bad input: `name`, the line where `text` (the
/// plan as it was read) is protobuf text, the field, and what is wrong.
Result<void> CheckPlan(const std::string& name, std::string_view text, const v1::FaultPlan& plan);

}  // namespace zlayer::fakes
