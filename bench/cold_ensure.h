// Starts by the library, one after the other.
//
//   auto scene = Scene::Make();
//   if (!scene) return state.SkipWithError(scene.error().c_str());
//   RunColdEnsure(state, *scene);

#pragma once

#include "scene.h"

namespace benchmark {
class State;
}

namespace zlayer::bench {

/// The benchmark's loop, for UseManualTime(): a new lifecycle each time, whose sidecar is stopped
/// when the clock stands. Certificates and directories are there, as they are on every start but a
/// machine's first. Counters: milliseconds of each phase, the mean.
void RunColdEnsure(benchmark::State& state, const Scene& scene);

}  // namespace zlayer::bench
