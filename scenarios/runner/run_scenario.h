// Runs one scenario against one client, and judges it.
//
//   ScenarioResult result = RunScenario(entry, {fake, &MakeEmbeddedClient});
//   if (result.status != Status::passed) std::cerr << Explain(result);

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "scenarios/runner/catalog.h"
#include "scenarios/runner/client.h"
#include "scenarios/runner/verdict.h"

namespace zlayer::scenarios {

/// What every scenario of a run is run with.
struct Rig {
  std::string fake;  // path of the fake's executable
  std::function<std::unique_ptr<Client>()> make_client;
  std::string rerun;         // command that runs one scenario again, without its name
  double timeout_scale = 1;  // see Scaled
  // The client as a program that gets a sidecar and keeps it until SIGTERM, with its arguments;
  // empty: there is none.
  std::vector<std::string> host = {};
};

enum class Status {
  passed,
  failed,         // the client broke a promise
  harness_error,  // nothing can be said about the client
};

std::string_view StatusName(Status status);

struct ScenarioResult {
  std::string name;
  Status status = Status::passed;
  std::vector<Violation> violations;
  std::string harness_error;  // why nothing can be said
  std::chrono::nanoseconds took{0};
  std::vector<std::string> journal;  // for people
  std::string stderr_tail;
  std::string rerun;
};

/// Blocks until the scenario is over and everything of it is gone.
ScenarioResult RunScenario(const CatalogEntry& entry, const Rig& rig);

/// What a person needs to find the fault: expected and seen, journal, stderr, command. Empty for a
/// scenario that passed.
std::string Explain(const ScenarioResult& result);

}  // namespace zlayer::scenarios
