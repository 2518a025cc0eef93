// The floors of a start: posix_spawn of the same fake until its line, and one TLS handshake with
// it. Every program that links this file gets these two benchmarks.

#include <benchmark/benchmark.h>

#include "bare_fake.h"
#include "raw_tls.h"
#include "stopwatch.h"
#include "world.h"

namespace zlayer::bench {
namespace {

void FloorSpawnToLine(benchmark::State& state) {
  auto world = World::Make();
  if (!world) return state.SkipWithError(world.error().c_str());
  while (state.KeepRunning()) {
    const Stopwatch watch;
    auto fake = BareFake::Start(*world);
    state.SetIterationTime(watch.Seconds());
    if (!fake) return state.SkipWithError(fake.error().c_str());
  }
}
BENCHMARK(FloorSpawnToLine)->UseManualTime()->Unit(benchmark::kMillisecond);

/// Each with a fake of its own, as a start has it: its first connection.
void FloorTlsHandshake(benchmark::State& state) {
  auto world = World::Make();
  if (!world) return state.SkipWithError(world.error().c_str());
  const auto client = RawTls::Load(world->tls_dir());
  if (!client) return state.SkipWithError(client.error().c_str());
  while (state.KeepRunning()) {
    auto fake = BareFake::Start(*world);
    if (!fake) return state.SkipWithError(fake.error().c_str());
    const Stopwatch watch;
    auto shaken = client->Handshake(fake->address());
    state.SetIterationTime(watch.Seconds());
    if (!shaken) return state.SkipWithError(shaken.error().c_str());
  }
}
BENCHMARK(FloorTlsHandshake)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace zlayer::bench
