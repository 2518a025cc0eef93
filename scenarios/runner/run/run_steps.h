// The steps of one scenario: what the client is asked for, and what it made of it.

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
  const std::vector<std::string>& adapter;
  World* world;
  Client* client;
  Timeline* timeline;
};

/// Ends at the first step that goes wrong: the next ones build on it. Fills in the result's
/// violations, reason and stderr_tail.
void RunSteps(const Stage& stage, ScenarioResult* result);

}  // namespace zlayer::scenarios
