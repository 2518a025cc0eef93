// Runs one scenario against one client, and judges it.
//
//   ScenarioResult result = RunScenario(entry, {fake, &MakeEmbeddedClient});
//   if (result.status != Status::passed) std::cerr << Explain(result);

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/runner/catalog/catalog.h"
#include "scenarios/runner/clients/client.h"
#include "scenarios/runner/judge/result.h"
#include "scenarios/runner/run/run_command.h"

namespace zlayer::scenarios {

/// What every scenario of a run is run with.
struct Rig {
  std::string fake;  // path of the fake's executable
  std::function<std::unique_ptr<Client>()> make_client;
  std::string rerun;         // command that runs one scenario again, without its name
  double timeout_scale = 1;  // see Scaled
  // The client as a program with its arguments, see proto/adapter.proto; kill_host kills it. Empty:
  // there is none.
  std::vector<std::string> adapter = {};
  // Instead of make_client.
  std::optional<Command> command = std::nullopt;
  std::uint64_t seed = 0;  // of plans that have none; 0: none
};

/// Blocks until the scenario is over and everything of it is gone.
ScenarioResult RunScenario(const CatalogEntry& entry, const Rig& rig);

}  // namespace zlayer::scenarios
