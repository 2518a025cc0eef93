// The client as a program that is killed.

#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "scenarios/runner/world.h"
#include "zlayer/proto/scenario.pb.h"

namespace zlayer::scenarios {

/// Starts `program` in the world, waits for the step's events in the fake's journal, and kills it.
/// The error is the harness's own: an event that never came.
tl::expected<void, std::string> KillHost(const v1::KillHost& step,
                                         const std::vector<std::string>& program,
                                         const World& world);

}  // namespace zlayer::scenarios
