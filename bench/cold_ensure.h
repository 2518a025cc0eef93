// Cold starts by the library, one after the other.
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

/// The loop of a benchmark with UseManualTime(). Each iteration makes a new lifecycle and measures
/// its first Ensure(); the stop is not measured. Certificates and directories exist, as on every
/// start except a machine's first. Counters: the mean milliseconds of each phase.
void RunColdEnsure(benchmark::State& state, const World& world);

}  // namespace zlayer::bench
