// Finds enum values that fault_plan.proto does not define. Enums of proto3 are open: a plan with
// `phase: 7` parses, although no phase has this number.

#pragma once

#include <google/protobuf/message.h>

#include <string>

namespace zlayer::fakes::daemon {

/// Searches the enum fields of `message` and of the messages in it for a number without a name.
/// Returns the first as an error text, such as ".hang.phase: unknown value 7; valid: START, BOUND",
/// or an empty string. Skips repeated fields: no fault has any.
std::string UnknownValue(const google::protobuf::Message& message);

}  // namespace zlayer::fakes::daemon
