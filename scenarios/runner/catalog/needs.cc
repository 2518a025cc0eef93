#include "scenarios/runner/catalog/needs.h"

namespace zlayer::scenarios {
namespace {

void AddNeedsOfStep(const v1::Step& step, std::set<v1::Capability>* needs) {
  if (!step.ensure().cancel_at().empty()) needs->insert(v1::CANCEL);
  if (step.has_parallel_ensure()) needs->insert(v1::PARALLEL);
  if (step.has_health()) needs->insert(v1::HEALTH);
  if (step.health().release_in_callback()) needs->insert(v1::RELEASE_IN_CALLBACK);
  if (step.has_build()) {
    needs->insert(step.build().leave_open() ? v1::BUILD_LEFT_OPEN
                  : step.build().cancel()   ? v1::CANCEL_BUILD
                                            : v1::BUILD);
  }
  if (step.has_await_lost()) needs->insert(v1::LIVENESS);
  if (step.has_kill_host() || step.has_interrupt_host()) needs->insert(v1::HOST_KILL);
  if (step.expect().error() == "crash_loop") needs->insert(v1::RESPAWN_BACKOFF);
}

}  // namespace

std::set<v1::Capability> Needs(const v1::Scenario& scenario) {
  std::set<v1::Capability> needs;
  for (const int need : scenario.needs()) needs.insert(static_cast<v1::Capability>(need));
  for (const v1::Step& step : scenario.step()) AddNeedsOfStep(step, &needs);
  if (scenario.world().access() != v1::World::SPAWN || scenario.client().has_addr()) {
    needs.insert(v1::REMOTE);
  }
  if (scenario.world().tls() != v1::World::MINTED) needs.insert(v1::TLS_MATERIAL);
  if (scenario.world().host() != v1::World::ALONE) needs.insert(v1::HOST_CONDITION);
  if (scenario.client().has_tls_crl()) needs.insert(v1::REVOCATION);
  if (scenario.client().require_client_authentication()) needs.insert(v1::CLIENT_AUTHENTICATION);
  return needs;
}

}  // namespace zlayer::scenarios
