// The attribute `method` of the faults of the service.

#pragma once

#include <string>

#include "fakes/src/faults/registry.h"

namespace zlayer::fakes::daemon {

/// The mistake of a field `method` that is neither empty nor the name of a method that the fake
/// serves.
Mistake MethodMistake(const std::string& method);

}  // namespace zlayer::fakes::daemon
