// What a start costs. Its floors are in floors.cc.

#include <benchmark/benchmark.h>

#include "cold_ensure.h"
#include "scene.h"

namespace zlayer::bench {
namespace {

void ColdEnsure(benchmark::State& state) {
  auto scene = Scene::Make();
  if (!scene) return state.SkipWithError(scene.error().c_str());
  RunColdEnsure(state, *scene);
}
BENCHMARK(ColdEnsure)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace zlayer::bench
