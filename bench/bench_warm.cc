// What Ensure() costs when the sidecar already runs.

#include <benchmark/benchmark.h>

#include <optional>
#include <utility>

#include "stopwatch.h"
#include "world.h"
#include "zlayer/sidecar/sidecar_lifecycle.h"

namespace zlayer::bench {
namespace {

using sidecar::SidecarLifecycle;

struct Shared {
  explicit Shared(World in) : world(std::move(in)), lifecycle(world.config(), world.options()) {}

  World world;
  SidecarLifecycle lifecycle;
};

void WarmEnsure(benchmark::State& state) {
  // Thread 0 makes and ends it outside of the loop, whose both ends are barriers for all threads.
  static std::optional<Shared> shared;
  if (state.thread_index() == 0) {
    auto world = World::Make();
    if (!world) {
      state.SkipWithError(world.error().c_str());
    } else {
      shared.emplace(std::move(*world));
      if (auto live = shared->lifecycle.Ensure(); !live) {
        state.SkipWithError(live.error().message.c_str());
        shared.reset();
      }
    }
  }
  const Stopwatch watch;
  while (state.KeepRunning()) {
    if (!shared) return state.SkipWithError("there is no sidecar: thread 0 says why");
    auto live = shared->lifecycle.Ensure();
    if (!live) return state.SkipWithError(live.error().message.c_str());
    benchmark::DoNotOptimize(live);
  }
  if (state.thread_index() == 0) {
    // From one barrier to the other. A thread's own time, of which real_time is made, lacks what it
    // waited for a processor before its first call and what the others need after its last.
    state.counters["calls/s"] =
        static_cast<double>(state.iterations() * state.threads()) / watch.Seconds();
    shared.reset();
  }
}
BENCHMARK(WarmEnsure)->UseRealTime()->ThreadRange(1, 64);

}  // namespace
}  // namespace zlayer::bench
