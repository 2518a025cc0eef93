#include "cold_ensure.h"

#include <benchmark/benchmark.h>

#include <chrono>
#include <map>
#include <string>
#include <utility>

#include "stopwatch.h"
#include "zlayer/sidecar/sidecar_lifecycle.h"

namespace zlayer::bench {
namespace {

using sidecar::LifecycleOptions;
using sidecar::Phase;
using sidecar::SidecarLifecycle;

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

}  // namespace

void RunColdEnsure(benchmark::State& state, const World& world) {
  PhaseTimes phases;
  while (state.KeepRunning()) {
    LifecycleOptions options = world.options();
    options.on_phase = phases.Observer();
    SidecarLifecycle lifecycle(world.config(), std::move(options));
    const Stopwatch watch;
    auto live = lifecycle.Ensure();
    state.SetIterationTime(watch.Seconds());
    if (!live) return state.SkipWithError(live.error().message.c_str());
  }
  phases.Publish(state);
}

}  // namespace zlayer::bench
