// How starts and stops grow with the sidecars that one process has.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <tl/expected.hpp>
#include <vector>

#include "stopwatch.h"
#include "world.h"
#include "zlayer/sidecar/sidecar_lifecycle.h"

namespace zlayer::bench {
namespace {

using sidecar::LifecycleOptions;
using sidecar::SidecarLifecycle;

/// Lifecycles of one data directory, each for a sidecar of its own.
using Crowd = std::vector<std::unique_ptr<SidecarLifecycle>>;

Crowd MakeCrowd(const World& world, const LifecycleOptions& options, size_t count) {
  Crowd crowd;
  for (size_t i = 0; i < count; ++i) {
    crowd.push_back(std::make_unique<SidecarLifecycle>(world.config(), options));
  }
  return crowd;
}

/// Seconds until every sidecar is proven, all asked for at once, each by a thread.
tl::expected<double, std::string> StartAll(const Crowd& crowd) {
  std::vector<std::string> errors(crowd.size());
  std::vector<std::jthread> threads;
  std::latch begin(static_cast<std::ptrdiff_t>(crowd.size()) + 1);
  for (size_t i = 0; i < crowd.size(); ++i) {
    threads.emplace_back([&, i] {
      begin.arrive_and_wait();
      if (auto live = crowd[i]->Ensure(); !live) errors[i] = live.error().message;
    });
  }
  // No thread goes on before this one arrives, and all may before it is woken.
  const Stopwatch watch;
  begin.arrive_and_wait();
  for (std::jthread& thread : threads) thread.join();
  const double seconds = watch.Seconds();
  const auto error =
      std::find_if(errors.begin(), errors.end(), [](const auto& text) { return !text.empty(); });
  if (error != errors.end()) return tl::unexpected(*error);
  return seconds;
}

/// Seconds until every process is reaped, all of them released at once. All must need SIGKILL.
tl::expected<double, std::string> StopAllStubborn(const Crowd& crowd) {
  const Stopwatch watch;
  for (const auto& lifecycle : crowd) lifecycle->DropConnection();
  for (const auto& lifecycle : crowd) {
    const auto report = lifecycle->Shutdown();
    if (!report || !report->escalated) {
      return tl::unexpected(std::string("a sidecar ended without SIGKILL"));
    }
  }
  return watch.Seconds();
}

void ColdStartsAtOnce(benchmark::State& state) {
  auto world = World::Make();
  if (!world) return state.SkipWithError(world.error().c_str());
  while (state.KeepRunning()) {
    const Crowd crowd = MakeCrowd(*world, world->options(), static_cast<size_t>(state.range(0)));
    auto seconds = StartAll(crowd);
    if (!seconds) return state.SkipWithError(seconds.error().c_str());
    state.SetIterationTime(*seconds);
  }
}
BENCHMARK(ColdStartsAtOnce)
    ->ArgName("n")
    ->Arg(1)
    ->Arg(4)
    ->Arg(16)
    ->Arg(64)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

/// The counter is what counts: milliseconds over the grace.
void StubbornAtOnce(benchmark::State& state) {
  auto world = World::Make("fault { ignore_signals {} }");
  if (!world) return state.SkipWithError(world.error().c_str());
  LifecycleOptions options = world->options();
  options.grace = std::chrono::seconds(1);
  double over_grace = 0;
  while (state.KeepRunning()) {
    const Crowd crowd = MakeCrowd(*world, options, static_cast<size_t>(state.range(0)));
    auto seconds = StartAll(crowd);
    if (seconds) seconds = StopAllStubborn(crowd);
    if (!seconds) return state.SkipWithError(seconds.error().c_str());
    state.SetIterationTime(*seconds);
    over_grace += *seconds - std::chrono::duration<double>(options.grace).count();
  }
  state.counters["over_grace_ms"] =
      benchmark::Counter(over_grace * 1e3, benchmark::Counter::kAvgIterations);
}
BENCHMARK(StubbornAtOnce)
    ->ArgName("n")
    ->Arg(1)
    ->Arg(16)
    ->Arg(64)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace zlayer::bench
