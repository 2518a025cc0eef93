// What a stop costs, and the least that it can cost: SIGTERM, poll(2) on the pidfd, waitid(2).

#include <benchmark/benchmark.h>

#include <chrono>
#include <string>
#include <tl/expected.hpp>

#include "bare_fake.h"
#include "first_client.h"
#include "stopwatch.h"
#include "world.h"
#include "zlayer/sidecar/sidecar_lifecycle.h"

namespace zlayer::bench {
namespace {

using sidecar::SidecarLifecycle;

void FloorTermToReaped(benchmark::State& state) {
  auto world = World::Make();
  if (!world) return state.SkipWithError(world.error().c_str());
  while (state.KeepRunning()) {
    auto fake = BareFake::Start(*world);
    if (!fake) return state.SkipWithError(fake.error().c_str());
    const Stopwatch watch;
    auto stopped = fake->Stop();
    state.SetIterationTime(watch.Seconds());
    if (!stopped) return state.SkipWithError(stopped.error().c_str());
  }
}
BENCHMARK(FloorTermToReaped)->UseManualTime()->Unit(benchmark::kMillisecond);

/// With no connection that the fake would have to drain.
void FirstClientShutdown(benchmark::State& state) {
  auto world = World::Make();
  if (!world) return state.SkipWithError(world.error().c_str());
  while (state.KeepRunning()) {
    auto client = FirstClient::Start(*world);
    if (!client) return state.SkipWithError(client.error().c_str());
    const Stopwatch watch;
    auto stopped = client->Shutdown();
    state.SetIterationTime(watch.Seconds());
    if (!stopped) return state.SkipWithError(stopped.error().c_str());
  }
}
BENCHMARK(FirstClientShutdown)->UseManualTime()->Unit(benchmark::kMillisecond);

/// Shorter than the default, so that a stubborn fake costs little.
constexpr std::chrono::milliseconds kShortGrace{100};

/// Seconds of one Shutdown() of a fresh sidecar, which must end `escalated` or not.
tl::expected<double, std::string> ShutdownSeconds(const World& world, bool escalated) {
  sidecar::LifecycleOptions options = world.options();
  if (escalated) options.grace = kShortGrace;
  SidecarLifecycle lifecycle(world.config(), std::move(options));
  if (auto live = lifecycle.Ensure(); !live) return tl::unexpected(live.error().message);
  const Stopwatch watch;
  auto report = lifecycle.Shutdown();
  const double seconds = watch.Seconds();
  if (!report) return tl::unexpected(std::string("Shutdown() found no sidecar to stop"));
  if (report->escalated != escalated) {
    return tl::unexpected(std::string(escalated ? "SIGKILL was not needed" : "SIGKILL was needed"));
  }
  return seconds;
}

void CooperativeShutdown(benchmark::State& state) {
  auto world = World::Make();
  if (!world) return state.SkipWithError(world.error().c_str());
  while (state.KeepRunning()) {
    auto seconds = ShutdownSeconds(*world, false);
    if (!seconds) return state.SkipWithError(seconds.error().c_str());
    state.SetIterationTime(*seconds);
  }
}
BENCHMARK(CooperativeShutdown)->UseManualTime()->Unit(benchmark::kMillisecond);

/// The counter is what counts: milliseconds over the grace.
void StubbornShutdown(benchmark::State& state) {
  auto world = World::Make("fault { ignore_signals {} }");
  if (!world) return state.SkipWithError(world.error().c_str());
  const double grace = std::chrono::duration<double>(kShortGrace).count();
  double over_grace = 0;
  while (state.KeepRunning()) {
    auto seconds = ShutdownSeconds(*world, true);
    if (!seconds) return state.SkipWithError(seconds.error().c_str());
    state.SetIterationTime(*seconds);
    over_grace += *seconds - grace;
  }
  state.counters["over_grace_ms"] =
      benchmark::Counter(over_grace * 1e3, benchmark::Counter::kAvgIterations);
}
BENCHMARK(StubbornShutdown)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace zlayer::bench
