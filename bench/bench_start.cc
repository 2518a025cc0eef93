// What a start costs, and the least that it can cost: posix_spawn of the same fake to its line.

#include <benchmark/benchmark.h>

#include "bare_fake.h"
#include "scene.h"
#include "stopwatch.h"
#include "zlayer/sidecar/sidecar_lifecycle.h"

namespace zlayer::bench {
namespace {

using sidecar::SidecarLifecycle;

void FloorSpawnToLine(benchmark::State& state) {
  auto scene = Scene::Make();
  if (!scene) return state.SkipWithError(scene.error().c_str());
  while (state.KeepRunning()) {
    const Stopwatch watch;
    auto fake = BareFake::Start(*scene);
    state.SetIterationTime(watch.Seconds());
    if (!fake) return state.SkipWithError(fake.error().c_str());
  }
}
BENCHMARK(FloorSpawnToLine)->UseManualTime()->Unit(benchmark::kMillisecond);

/// A new lifecycle each time; certificates and directories are there, as they are on every start
/// but a machine's first.
void ColdEnsure(benchmark::State& state) {
  auto scene = Scene::Make();
  if (!scene) return state.SkipWithError(scene.error().c_str());
  while (state.KeepRunning()) {
    SidecarLifecycle lifecycle(scene->config(), scene->options());
    const Stopwatch watch;
    auto live = lifecycle.Ensure();
    state.SetIterationTime(watch.Seconds());
    if (!live) return state.SkipWithError(live.error().message.c_str());
  }
}
BENCHMARK(ColdEnsure)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace zlayer::bench
