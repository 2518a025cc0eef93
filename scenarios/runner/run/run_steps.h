// Runs the steps of one scenario: asks the client for each step and judges its answer (verdict.h).

#pragma once

#include <string>
#include <vector>

#include "scenarios/runner/clients/client.h"
#include "scenarios/runner/judge/result.h"
#include "scenarios/runner/report/timeline.h"
#include "scenarios/runner/world/world.h"

namespace zlayer::scenarios {

/// What the steps of a scenario work on. Nothing is owned.
struct Stage {
  const v1::Scenario& scenario;
  const std::vector<std::string>& adapter;  // see Rig::adapter
  World* world;
  Client* client;
  Timeline* timeline;
};

/// Stops at the first step that goes wrong, because later steps build on it. Fills in the
/// violations, `reason` and stderr_tail of `result`.
void RunSteps(const Stage& stage, ScenarioResult* result);

}  // namespace zlayer::scenarios
