// Accepts one connection from the listener.

#pragma once

#include <cstdint>

#include "fakes/src/daemon/connections.h"

namespace zlayer::fakes::daemon {

/// Pause before the next accept(2) after one failed because no descriptor was left. The listener
/// stays readable then, so without a pause the loop would spin.
inline constexpr std::int64_t kAcceptRetryDelayNs = 50'000'000;

/// False when the process has no descriptor left; the connection then waits in the kernel.
bool AcceptOne(int listener, Connections& connections);

}  // namespace zlayer::fakes::daemon
