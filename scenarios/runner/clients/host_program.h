// Starts the client as a further program, for the steps of host_steps.h.

#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "scenarios/runner/clients/adapter_process.h"
#include "scenarios/runner/report/timeline.h"
#include "scenarios/runner/world/world.h"

namespace zlayer::scenarios {

/// Starts the adapter in the world's environment, greets and configures it. An error when `adapter`
/// is empty, which means that the client cannot be run as a program.
tl::expected<std::unique_ptr<AdapterProcess>, std::string> StartHost(
    const std::vector<std::string>& adapter, const World& world, Timeline* timeline);

/// Waits until the fake's journal holds an event of this name, at most kStepLimit.
tl::expected<void, std::string> AwaitEvent(const std::string& event, const World& world);

}  // namespace zlayer::scenarios
