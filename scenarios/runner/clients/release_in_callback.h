// A call whose callback is the last thing that a client does with its sidecar.

#pragma once

#include "scenarios/runner/clients/client.h"
#include "zlayer/sidecar/live_sidecar.h"

namespace zlayer::scenarios {

/// Calls Health and lets go of `last`, the last handle, and of its stub in the call's callback, on
/// a thread of gRPC's. "never_released" when that does not come back.
Observation ReleaseInCallback(sidecar::LiveSidecar last);

}  // namespace zlayer::scenarios
