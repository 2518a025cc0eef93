#include "lifecycle/tests/sweep/cases.h"

#include <fmt/format.h>

#include <filesystem>
#include <set>

#include "lifecycle/tests/sweep/system_calls.h"

namespace zlayer::sidecar {
namespace {

/// The limit of a whole run, on a machine under load. Its longest steps take a few seconds each.
constexpr std::chrono::seconds kRunLimit{60};

}  // namespace

const std::vector<World>& Worlds() {
  static const std::vector<World> worlds = {
      {"keeper", "keeper", false}, {"group", "group", false}, {"first-start", "keeper", true}};
  return worlds;
}

std::string Case::ToString() const {
  return fmt::format("{} {} {}", world->name, injection.call.ToString(),
                     injection.error == 0 ? "late" : ErrorName(injection.error));
}

TracedRun Host::Run(const World& world, const std::optional<Injection>& injection) {
  const std::string data =
      world.makes_set ? fmt::format("{}/{}", directory_, ++runs_) : directory_ + "/" + world.name;
  TracedRun run = RunTraced({SWEEP_HOST_PATH, data, world.containment}, injection, kRunLimit);
  if (world.makes_set) std::filesystem::remove_all(data);
  return run;
}

std::vector<Case> CasesOf(const World& world, const std::vector<CallId>& calls) {
  std::vector<Case> cases;
  for (const CallId& call : std::set<CallId>(calls.begin(), calls.end())) {
    for (const int error : ErrorsOf(call.name)) cases.push_back({&world, {call, error}});
    cases.push_back({&world, {call, 0}});
  }
  return cases;
}

}  // namespace zlayer::sidecar
