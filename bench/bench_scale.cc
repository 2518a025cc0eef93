// How a start grows with what the host program holds. The floors beside it are floors.cc's.

#include <benchmark/benchmark.h>

#include "cold_ensure.h"
#include "host_load.h"
#include "world.h"

namespace zlayer::bench {
namespace {

void ColdEnsureResident(benchmark::State& state) {
  auto world = World::Make();
  if (!world) return state.SkipWithError(world.error().c_str());
  const auto memory = ResidentMemory::Take(static_cast<size_t>(state.range(0)));
  if (!memory) return state.SkipWithError(memory.error().c_str());
  RunColdEnsure(state, *world);
}
BENCHMARK(ColdEnsureResident)
    ->ArgName("mib")
    ->Arg(1)
    ->Arg(256)
    ->Arg(1024)
    ->Arg(4096)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

void ColdEnsureDescriptors(benchmark::State& state) {
  auto world = World::Make();
  if (!world) return state.SkipWithError(world.error().c_str());
  const auto descriptors = OpenDescriptors::Open(static_cast<size_t>(state.range(0)));
  if (!descriptors) return state.SkipWithError(descriptors.error().c_str());
  RunColdEnsure(state, *world);
}
BENCHMARK(ColdEnsureDescriptors)
    ->ArgName("fds")
    ->Arg(10)
    ->Arg(1'000)
    ->Arg(10'000)
    ->Arg(100'000)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace zlayer::bench
