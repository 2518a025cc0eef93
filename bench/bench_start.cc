// What a start costs, and the least that it can cost: posix_spawn of the same fake to its line, and
// one TLS handshake with it.

#include <benchmark/benchmark.h>

#include <chrono>
#include <map>
#include <string>
#include <utility>

#include "bare_fake.h"
#include "raw_tls.h"
#include "scene.h"
#include "stopwatch.h"
#include "zlayer/sidecar/sidecar_lifecycle.h"

namespace zlayer::bench {
namespace {

using sidecar::LifecycleOptions;
using sidecar::Phase;
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

/// Each with a fake of its own, as a start has it: its first connection.
void FloorTlsHandshake(benchmark::State& state) {
  auto scene = Scene::Make();
  if (!scene) return state.SkipWithError(scene.error().c_str());
  const auto client = RawTls::Load(scene->tls_dir());
  if (!client) return state.SkipWithError(client.error().c_str());
  while (state.KeepRunning()) {
    auto fake = BareFake::Start(*scene);
    if (!fake) return state.SkipWithError(fake.error().c_str());
    const Stopwatch watch;
    auto shaken = client->Handshake(fake->address());
    state.SetIterationTime(watch.Seconds());
    if (!shaken) return state.SkipWithError(shaken.error().c_str());
  }
}
BENCHMARK(FloorTlsHandshake)->UseManualTime()->Unit(benchmark::kMillisecond);

/// What each phase took of a start, a mean over the iterations, for the report.
class PhaseTimes {
 public:
  /// Valid as long as this object is.
  auto Observer() {
    return [this](Phase phase, std::chrono::nanoseconds took) {
      seconds_[phase] += std::chrono::duration<double>(took).count();
    };
  }
  void Publish(benchmark::State& state) const {
    for (const auto& [phase, seconds] : seconds_) {
      state.counters[std::string(PhaseName(phase)) + "_ms"] =
          benchmark::Counter(seconds * 1e3, benchmark::Counter::kAvgIterations);
    }
  }

 private:
  std::map<Phase, double> seconds_;
};

/// A new lifecycle each time; certificates and directories are there, as they are on every start
/// but a machine's first.
void ColdEnsure(benchmark::State& state) {
  auto scene = Scene::Make();
  if (!scene) return state.SkipWithError(scene.error().c_str());
  PhaseTimes phases;
  while (state.KeepRunning()) {
    LifecycleOptions options = scene->options();
    options.on_phase = phases.Observer();
    SidecarLifecycle lifecycle(scene->config(), std::move(options));
    const Stopwatch watch;
    auto live = lifecycle.Ensure();
    state.SetIterationTime(watch.Seconds());
    if (!live) return state.SkipWithError(live.error().message.c_str());
  }
  phases.Publish(state);
}
BENCHMARK(ColdEnsure)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace zlayer::bench
