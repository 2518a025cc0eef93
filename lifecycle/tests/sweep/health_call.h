// What sweep_host needs of gRPC.

#pragma once

#include <optional>

#include "zlayer/sidecar/live_sidecar.h"

namespace zlayer::sidecar {

/// Calls Health. Returns the error if the call failed.
std::optional<LifecycleError> CallHealth(const LiveSidecar& live);

}  // namespace zlayer::sidecar
