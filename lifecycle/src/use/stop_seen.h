// What is known by now of a sidecar's stop, for the error of a call that the daemon itself has
// answered.

#pragma once

#include <string>

#include "zlayer/sidecar/live_sidecar.h"

namespace zlayer::sidecar {

/// Returns what was seen of the sidecar's end as a clause, such as "the sidecar had announced that
/// it would stop"; empty while it is alive. Whether the stop is the cause of the caller's error is
/// not known: a daemon that gets SIGTERM passes it to the build's running step, which then fails
/// like any other. Never blocks.
std::string StopSeen(const LiveSidecar& live);

}  // namespace zlayer::sidecar
