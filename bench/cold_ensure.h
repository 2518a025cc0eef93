// Starts by the library, one after the other.
//
//   auto world = World::Make();
//   if (!world) return state.SkipWithError(world.error().c_str());
//   RunColdEnsure(state, *world);

#pragma once

#include "world.h"

namespace benchmark {
class State;
}

namespace zlayer::bench {

/// The benchmark's loop, for UseManualTime(): a new lifecycle each time, whose sidecar is stopped
/// when the clock stands. Certificates and directories are there, as they are on every start but a
/// machine's first. Counters: milliseconds of each phase, the mean.
void RunColdEnsure(benchmark::State& state, const World& world);

}  // namespace zlayer::bench
