// Checks that every fault of a plan can fire.
//
// This room, plan/, finds the plan of a launch and checks it before anything else happens.
// plan_source.h chooses the plan: ZLAYER_FAKE_PLAN, a file beside the program, or the program's
// path. presets.h has the plans that are compiled in. Protobuf rejects text that does not parse;
// unknown_value.h finds enum numbers without a name, which protobuf accepts; plan_check.h refuses
// values out of range and faults that can never fire, such as a TLS fault behind `tls_off`.
// Invariant: a plan that leaves this room as a ChosenPlan has passed CheckPlan(), and the code that
// applies it need not check values again. Start reading at ChoosePlan() in plan_source.h.

#pragma once

#include <string>
#include <string_view>

#include "fakes/src/base/failure.h"
#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes::daemon {

/// Succeeds when all values are valid and every fault of the plan can fire. The error is bad input.
/// Its message has the plan's `name`, the line (only if `text`, the plan as it was read, is
/// protobuf text; not if it is JSON or empty), the field, and what is wrong.
Result<void> CheckPlan(const std::string& name, std::string_view text, const v1::FaultPlan& plan);

}  // namespace zlayer::fakes::daemon
