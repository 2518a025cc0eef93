// Runs one scenario against one client, and judges it. A scenario has its own world, its own client
// and its own token, which every process of the client and the sidecar carries.
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

/// The same for all scenarios of a run: the client, the fake, and how to run them.
struct Rig {
  std::string fake;  // path of the fake's executable
  std::function<std::unique_ptr<Client>()> make_client;
  std::string rerun;         // command that runs one scenario again, without its name
  double timeout_scale = 1;  // see Scaled
  // The client as a program that speaks proto/adapter.proto: its path and arguments. Needed by
  // kill_host, interrupt_host and parallel_hosts. Empty: there is no such program.
  std::vector<std::string> adapter = {};
  // Set for a client of level 0: the command is run and make_client is not called.
  std::optional<ClientCommand> command = std::nullopt;
  std::uint64_t seed = 0;  // for plans without a seed of their own; 0: they stay without one
};

/// Blocks until the scenario is over. Processes that the client has left are killed by then, the
/// scenario's files are deleted.
ScenarioResult RunScenario(const CatalogEntry& entry, const Rig& rig);

}  // namespace zlayer::scenarios
