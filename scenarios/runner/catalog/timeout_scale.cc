#include "scenarios/runner/catalog/timeout_scale.h"

#include <cmath>

namespace zlayer::scenarios {
namespace {

/// A negative limit is not scaled: its scenario expects the client to name the value in the error.
std::int64_t Longer(std::int64_t milliseconds, double scale) {
  if (milliseconds < 0) return milliseconds;
  return std::llround(static_cast<double>(milliseconds) * scale);
}

}  // namespace

v1::Scenario Scaled(v1::Scenario scenario, double scale) {
  if (scale == 1.0) return scenario;
  v1::ClientSettings& client = *scenario.mutable_client();
  if (client.has_handshake_timeout_ms()) {
    client.set_handshake_timeout_ms(Longer(client.handshake_timeout_ms(), scale));
  }
  if (client.has_connect_timeout_ms()) {
    client.set_connect_timeout_ms(Longer(client.connect_timeout_ms(), scale));
  }
  if (client.has_rpc_timeout_ms())
    client.set_rpc_timeout_ms(Longer(client.rpc_timeout_ms(), scale));
  if (client.has_grace_ms()) client.set_grace_ms(Longer(client.grace_ms(), scale));
  for (v1::Step& step : *scenario.mutable_step()) {
    if (step.expect().max_ms() == 0) continue;
    step.mutable_expect()->set_max_ms(
        static_cast<std::uint32_t>(Longer(step.expect().max_ms(), scale)));
  }
  return scenario;
}

}  // namespace zlayer::scenarios
