// The table of all faults and their attributes, made from the comments of fault_plan.proto.

#pragma once

#include <string>

#include "fakes/src/base/failure.h"

namespace zlayer::fakes::daemon {

/// The text of FAULTS.md. Fails only when the embedded schema or a preset does not parse.
Result<std::string> FaultTable();

}  // namespace zlayer::fakes::daemon
