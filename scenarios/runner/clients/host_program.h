// The client as a program of its own, beside the one that is judged step by step.

#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "scenarios/runner/clients/adapter_process.h"
#include "scenarios/runner/report/timeline.h"
#include "scenarios/runner/world/world.h"

namespace zlayer::scenarios {

/// Started, greeted and configured; `adapter` empty: an error.
tl::expected<std::unique_ptr<AdapterProcess>, std::string> StartHost(
    const std::vector<std::string>& adapter, const World& world, Timeline* timeline);

/// Waits for an event of the fake's journal.
tl::expected<void, std::string> AwaitEvent(const std::string& event, const World& world);

}  // namespace zlayer::scenarios
