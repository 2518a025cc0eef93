// Steps that run the client as programs of its own, which are killed, interrupted, or many.

#pragma once

#include <string>
#include <vector>

#include "scenarios/runner/clients/client.h"
#include "scenarios/runner/judge/result.h"
#include "scenarios/runner/report/timeline.h"
#include "scenarios/runner/world/world.h"
#include "zlayer/proto/scenario.pb.h"

namespace zlayer::scenarios {

/// The programs that a step runs. Nothing is owned.
struct HostStage {
  const std::vector<std::string>& adapter;
  const World& world;
  Timeline* timeline;
};

/// Runs a step of kill_host, interrupt_host or parallel_hosts. What is not the client's fault is
/// the result's `reason`.
Observation ActOnHosts(const v1::Step& step, const HostStage& stage, ScenarioResult* result);

}  // namespace zlayer::scenarios
