// What a start costs. Its floors are in floors.cc.

#include <benchmark/benchmark.h>

#include "cold_ensure.h"
#include "world.h"

namespace zlayer::bench {
namespace {

void ColdEnsure(benchmark::State& state) {
  auto world = World::Make();
  if (!world) return state.SkipWithError(world.error().c_str());
  RunColdEnsure(state, *world);
}
BENCHMARK(ColdEnsure)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace zlayer::bench
