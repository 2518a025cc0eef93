// The steps kill_host, interrupt_host and parallel_hosts. A "host" is the program that uses the
// client. These steps kill or interrupt hosts, or run several at once, so they start the client as
// programs of their own, by the adapter protocol. The client that takes the other steps is not
// involved.

#pragma once

#include <string>
#include <vector>

#include "scenarios/runner/clients/client.h"
#include "scenarios/runner/judge/result.h"
#include "scenarios/runner/report/timeline.h"
#include "scenarios/runner/world/world.h"
#include "zlayer/proto/scenario.pb.h"

namespace zlayer::scenarios {

/// What these steps need. Nothing is owned.
struct HostStage {
  const std::vector<std::string>& adapter;  // the client as a program; see Rig::adapter
  const World& world;
  Timeline* timeline;
};

/// Runs one of the three steps. What the client did wrong is the returned observation or a
/// violation in `result`; what is not the client's fault goes into the `reason` of `result`.
Observation ActOnHosts(const v1::Step& step, const HostStage& stage, ScenarioResult* result);

}  // namespace zlayer::scenarios
