// What a scenario asks of a client beyond starting a sidecar and stopping it.

#pragma once

#include <set>

#include "zlayer/proto/scenario.pb.h"

namespace zlayer::scenarios {

/// What the scenario names itself and what its steps, its world and its settings imply.
std::set<v1::Capability> Needs(const v1::Scenario& scenario);

}  // namespace zlayer::scenarios
