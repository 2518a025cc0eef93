// One launch, from the flags to the end of the process.

#pragma once

#include "fakes/src/base/daemon_flags.h"
#include "fakes/src/base/journal.h"

namespace zlayer::fakes {

/// Plays the plan of this launch. Returns only a failure that came before or during the start.
Failure Launch(const DaemonFlags& flags, int argc, char* const* argv, Journal& journal);

/// Plays the plan of a run that only asks for the version. Returns where it is to be answered
/// honestly; errors are bad input.
Result<void> MisbehaveAsCommand(const DaemonFlags& flags, char* const* argv, Journal& journal);

}  // namespace zlayer::fakes
