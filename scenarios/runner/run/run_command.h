// Level 0: a client that is any command, without an adapter. The command runs once per scenario. It
// finds the daemon where every client looks for it. The runner judges its exit status, its output,
// the time it took, the fake's journal and what it leaves behind.

#pragma once

#include <set>
#include <string>
#include <vector>

#include "scenarios/runner/judge/result.h"
#include "scenarios/runner/report/timeline.h"
#include "scenarios/runner/world/world.h"
#include "zlayer/proto/scenario.pb.h"

namespace zlayer::scenarios {

/// A command and what it does with the sidecar that it starts.
struct ClientCommand {
  std::vector<std::string> argv;  // a program's path and its arguments
  std::set<v1::Capability> can;   // what it does beyond starting and stopping
};

/// Why the scenario cannot be run with `command`; empty when it can.
std::string UnfitForCommand(const v1::Scenario& scenario, const ClientCommand& command);

/// Runs the command to its end, at most for the time that the scenario gives it. Fills in the
/// result's violations and reason.
void RunCommand(const v1::Scenario& scenario, const ClientCommand& command, const World& world,
                Timeline* timeline, ScenarioResult* result);

}  // namespace zlayer::scenarios
