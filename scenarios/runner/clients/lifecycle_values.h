// Converts a scenario's settings to the lifecycle library's, and the library's results to
// observations.

#pragma once

#include "scenarios/runner/clients/client.h"
#include "zlayer/sidecar/config.h"
#include "zlayer/sidecar/error.h"
#include "zlayer/sidecar/live_sidecar.h"

namespace zlayer::scenarios {

sidecar::SidecarConfig ToConfig(const v1::ClientSettings& settings);
sidecar::LifecycleOptions ToOptions(const ClientSetup& setup);

Observation FromError(const sidecar::LifecycleError& error);
Observation FromLive(const sidecar::LiveSidecar& live);
Observation FromReport(const sidecar::StopReport& report);

}  // namespace zlayer::scenarios
