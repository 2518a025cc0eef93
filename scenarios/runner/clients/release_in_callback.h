// Releases the last handle of a sidecar in the callback of an asynchronous RPC.

#pragma once

#include "scenarios/runner/clients/client.h"
#include "zlayer/sidecar/live_sidecar.h"

namespace zlayer::scenarios {

/// Calls Health. The call's callback, on a thread of gRPC, releases the stub and `last`, which must
/// be the last handle. The error "never_released" when the callback does not return.
Observation ReleaseInCallback(sidecar::LiveSidecar last);

}  // namespace zlayer::scenarios
