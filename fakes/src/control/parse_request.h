// One line of the control socket as a request.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fakes/src/base/failure.h"
#include "zlayer/proto/control.pb.h"

namespace zlayer::fakes::daemon {

/// Parses a line without its newline and checks all values that do not depend on what is armed.
/// `in_force` has the settings of the start, which bound some of the values. The error names the
/// field, what is wrong and the nearest valid name; it is one line.
Result<v1::ControlRequest> ParseRequest(std::string_view line, const v1::FaultPlan& in_force);

/// The reply as a line of JSON, with its newline.
std::string PrintReply(const v1::ControlReply& reply);

}  // namespace zlayer::fakes::daemon
