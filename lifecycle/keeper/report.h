// What the keeper reports to the host.

#pragma once

#include <sys/types.h>

#include "lifecycle/src/spawn/keeper_protocol.h"

namespace zlayer::sidecar {

/// Lost if the host has gone. Does not wait.
void Report(FromKeeper::Kind kind, int value, int how);

/// Reports "started", with a pidfd of `program`. As long as the program is not reaped, the pidfd is
/// certain to be the program's; for the host a pid is not. Call it before the program is reaped.
void ReportStarted(pid_t program);

}  // namespace zlayer::sidecar
