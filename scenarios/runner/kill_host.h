// The client as a program that is killed.

#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "scenarios/runner/timeline.h"
#include "scenarios/runner/world.h"
#include "zlayer/proto/scenario.pb.h"

namespace zlayer::scenarios {

/// Starts `adapter` in the world, asks it for a sidecar, waits for the step's events in the fake's
/// journal, and kills it. The error says that an event never came or what the adapter did wrong.
tl::expected<void, std::string> KillHost(const v1::KillHost& step,
                                         const std::vector<std::string>& adapter,
                                         const World& world, Timeline* timeline);

}  // namespace zlayer::scenarios
