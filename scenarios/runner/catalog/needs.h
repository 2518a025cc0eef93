// The capabilities that a scenario needs. A client that does not declare one of them skips the
// scenario.

#pragma once

#include <set>

#include "zlayer/proto/scenario.pb.h"

namespace zlayer::scenarios {

/// The capabilities that the scenario lists in `needs`, and those that follow from its steps, its
/// world and its settings.
std::set<v1::Capability> Needs(const v1::Scenario& scenario);

}  // namespace zlayer::scenarios
