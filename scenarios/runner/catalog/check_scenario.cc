#include "scenarios/runner/catalog/check_scenario.h"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/runner/catalog/check_step.h"
#include "scenarios/runner/catalog/coverage.h"
#include "scenarios/runner/catalog/placeholders.h"
#include "scenarios/runner/catalog/vocabulary.h"

namespace zlayer::scenarios {
namespace {

std::string CheckIdentity(std::string_view place, const v1::Scenario& scenario) {
  if (scenario.name() != place) {
    return fmt::format("name: \"{}\" is not the file's place; write \"{}\"", scenario.name(),
                       place);
  }
  if (scenario.why().empty()) return "why: is empty; say which failure this reproduces";
  if (scenario.has_no_mutant() && scenario.no_mutant().empty()) {
    return "no_mutant: is empty; say why no mutant can fail this, or leave it out";
  }
  for (int i = 0; i < scenario.covers_size(); ++i) {
    const std::string error = CheckCover(scenario.covers(i));
    if (!error.empty()) return fmt::format("covers[{}]: {}", i, error);
  }
  return "";
}

/// Whether no fake can run in this world, so that no fault can fire.
bool StartsNoFake(const v1::World& world) {
  switch (world.binary()) {
    case v1::World::NOWHERE:
    case v1::World::ONLY_UNUSABLE:
    case v1::World::WRONG_FORMAT:
    case v1::World::MISSING_INTERPRETER:
    case v1::World::A_DIRECTORY:
    case v1::World::BEING_WRITTEN:
      return true;
    default:
      return world.access() == v1::World::REMOTE_CLOSED;
  }
}

std::string CheckPeer(const v1::Scenario& scenario) {
  if (scenario.has_preset() && !Contains(PresetNames(), scenario.preset())) {
    return fmt::format("preset: unknown preset \"{}\"{}", scenario.preset(),
                       Suggestion(scenario.preset(), PresetNames()));
  }
  const bool has_fault = scenario.has_preset() || scenario.plan().fault_size() > 0;
  if (has_fault && StartsNoFake(scenario.world())) {
    return fmt::format("{}: no fault can fire; world starts no fake",
                       scenario.has_preset() ? "preset" : "plan.fault");
  }
  return "";
}

std::string CheckWorld(const v1::Scenario& scenario) {
  const v1::World& world = scenario.world();
  const bool inspects =
      std::any_of(scenario.step().begin(), scenario.step().end(),
                  [](const v1::Step& step) { return step.has_inspect_siblings(); });
  if (inspects && world.host() != v1::World::STARTS_SIBLINGS) {
    return "world.host: inspect_siblings needs STARTS_SIBLINGS";
  }
  if (world.access() == v1::World::SPAWN) return "";
  if (scenario.client().has_addr()) {
    return "client.addr: world.access chooses the address; leave one of them out";
  }
  if (world.binary() != v1::World::VARIABLE) {
    return "world.binary: nothing is discovered when world.access is not SPAWN; leave it out";
  }
  if (world.access() == v1::World::REMOTE && world.tls() != v1::World::MINTED) {
    return "world.tls: a remote sidecar needs MINTED";
  }
  return "";
}

std::string CheckClientTexts(const v1::ClientSettings& client) {
  const std::pair<std::string_view, std::string_view> texts[] = {
      {"addr", client.addr()},
      {"tls_dir", client.tls_dir()},
      {"tls_crl", client.tls_crl()},
      {"storage_graph_root", client.storage_graph_root()},
      {"storage_run_root", client.storage_run_root()},
      {"storage_driver", client.storage_driver()}};
  for (const auto& [field, text] : texts) {
    const std::string error = CheckPlaceholders(text);
    if (!error.empty()) return fmt::format("client.{}: {}", field, error);
  }
  return "";
}

}  // namespace

std::string CheckScenario(std::string_view place, const v1::Scenario& scenario) {
  for (std::string error : {CheckIdentity(place, scenario), CheckPeer(scenario),
                            CheckWorld(scenario), CheckClientTexts(scenario.client())}) {
    if (!error.empty()) return error;
  }
  return CheckSteps(scenario);
}

}  // namespace zlayer::scenarios
