// One launch, from the flags to the end of the process.

#pragma once

#include "fakes/src/journal.h"
#include "fakes/src/options.h"

namespace zlayer::fakes {

/// Plays the plan of this launch. Returns only a failure that came before or during the start.
Failure Launch(const Options& options, int argc, const char* const* argv, Journal& journal);

}  // namespace zlayer::fakes
