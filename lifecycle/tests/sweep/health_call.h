// What sweep_host needs of gRPC.

#pragma once

#include <optional>

#include "zlayer/sidecar/live_sidecar.h"

namespace zlayer::sidecar {

/// Calls Health. Returns the error if the call failed.
std::optional<LifecycleError> CallHealth(const LiveSidecar& live);

/// Waits until gRPC has ended its threads and closed its descriptors, after the last channel.
void AwaitGrpcShutdown();

}  // namespace zlayer::sidecar
