// How a start and a stop grow with what the sidecar does: the processes that it has started, the
// bytes that it writes to stderr.

#include <benchmark/benchmark.h>

#include <string>

#include "cold_ensure.h"
#include "stopwatch.h"
#include "world.h"
#include "zlayer/sidecar/sidecar_lifecycle.h"

namespace zlayer::bench {
namespace {

using sidecar::SidecarLifecycle;

/// `grandchild`: the fields of each.
void Teardown(benchmark::State& state, const std::string& grandchild) {
  std::string plan = "lifetime_ms: 600000 ";
  for (auto i = state.range(0); i > 0; --i) plan += "fault { grandchild { " + grandchild + " } } ";
  auto world = World::Make(plan);
  if (!world) return state.SkipWithError(world.error().c_str());
  while (state.KeepRunning()) {
    SidecarLifecycle lifecycle(world->config(), world->options());
    if (auto live = lifecycle.Ensure(); !live) {
      return state.SkipWithError(live.error().message.c_str());
    }
    const Stopwatch watch;
    const auto report = lifecycle.Shutdown();
    state.SetIterationTime(watch.Seconds());
    if (!report || report->escalated) return state.SkipWithError("SIGKILL was needed");
  }
}

void Counts(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("n")->Arg(0)->Arg(16)->Arg(256)->UseManualTime()->Unit(
      benchmark::kMillisecond);
}

/// They end by the SIGTERM that their group gets.
void TeardownGrandchildren(benchmark::State& state) { Teardown(state, ""); }
BENCHMARK(TeardownGrandchildren)->Apply(&Counts);

/// No signal to the group reaches them, and only SIGKILL ends them: the keeper must find each.
void TeardownStrays(benchmark::State& state) {
  Teardown(state, "setsid: true ignore_signals: true");
}
BENCHMARK(TeardownStrays)->Apply(&Counts);

/// All of it comes before the line, so a start takes as long as its reading.
void ColdEnsureStderr(benchmark::State& state) {
  const auto bytes = state.range(0) * 1024 * 1024;
  auto world = World::Make(
      bytes == 0 ? "" : "fault { flood { phase: BOUND bytes: " + std::to_string(bytes) + " } }");
  if (!world) return state.SkipWithError(world.error().c_str());
  RunColdEnsure(state, *world);
}
BENCHMARK(ColdEnsureStderr)
    ->ArgName("mib")
    ->Arg(0)
    ->Arg(1)
    ->Arg(64)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace zlayer::bench
