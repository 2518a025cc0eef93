// Measures starts that cannot succeed: by how much they exceed their limit, and how soon they end
// after a refusal or a cancel.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <stop_token>

#include "stopwatch.h"
#include "world.h"
#include "zlayer/sidecar/sidecar_lifecycle.h"

namespace zlayer::bench {
namespace {

using sidecar::ErrorKind;
using sidecar::LifecycleOptions;
using sidecar::Phase;
using sidecar::SidecarLifecycle;
using std::chrono::milliseconds;

constexpr milliseconds kLimit{100};

/// One of the fake's presets, and how a start of it ends.
struct FailedStart {
  const char* preset;
  ErrorKind expected;
};

/// Measures what a limit spans: from the spawn on, or from the dial on.
class Span {
 public:
  void Add(Phase phase, std::chrono::nanoseconds took) {
    if (phase == Phase::spawn || phase == Phase::dial) seconds_ = 0;
    seconds_ += std::chrono::duration<double>(took).count();
  }
  double seconds() const { return seconds_; }

 private:
  double seconds_ = 0;
};

void Run(benchmark::State& state, const FailedStart& start, double limit_seconds) {
  auto world = World::Make();
  if (!world) return state.SkipWithError(world.error().c_str());
  double over = 0;
  double worst = 0;
  while (state.KeepRunning()) {
    Span span;
    LifecycleOptions options = world->options();
    options.environment->Set("ZLAYER_FAKE_PLAN", start.preset);
    (start.expected == ErrorKind::handshake_timeout ? options.handshake_timeout
                                                    : options.connect_timeout) = kLimit;
    options.on_phase = [&](Phase phase, auto took) { span.Add(phase, took); };
    std::optional<SidecarLifecycle> lifecycle(std::in_place, world->config(), options);
    const auto live = lifecycle->Ensure();
    lifecycle.reset();  // on_phase has told all
    if (live || live.error().kind != start.expected) {
      return state.SkipWithError(live ? "it is up" : live.error().message.c_str());
    }
    state.SetIterationTime(span.seconds());
    over += span.seconds() - limit_seconds;
    worst = std::max(worst, span.seconds() - limit_seconds);
  }
  state.counters["over_limit_ms"] =
      benchmark::Counter(over * 1e3, benchmark::Counter::kAvgIterations);
  state.counters["worst_over_limit_ms"] = worst * 1e3;
}

const double kLimitSeconds = std::chrono::duration<double>(kLimit).count();

void HandshakeWithoutALine(benchmark::State& state) {
  Run(state, {"hang-before-line", ErrorKind::handshake_timeout}, kLimitSeconds);
}
BENCHMARK(HandshakeWithoutALine)->UseManualTime()->Unit(benchmark::kMillisecond);

void HandshakeThatDrips(benchmark::State& state) {
  Run(state, {"handshake-dripped", ErrorKind::handshake_timeout}, kLimitSeconds);
}
BENCHMARK(HandshakeThatDrips)->UseManualTime()->Unit(benchmark::kMillisecond);

void DialThatStalls(benchmark::State& state) {
  Run(state, {"tls-stall-before-finished", ErrorKind::dial_timeout}, kLimitSeconds);
}
BENCHMARK(DialThatStalls)->UseManualTime()->Unit(benchmark::kMillisecond);

/// Limits have no part in these: the time is the whole dial.
void ServerRefused(benchmark::State& state) {
  Run(state, {"tls-self-signed", ErrorKind::server_rejected}, 0);
}
BENCHMARK(ServerRefused)->UseManualTime()->Unit(benchmark::kMillisecond);

void ClientRefused(benchmark::State& state) {
  Run(state, {"tls-client-unknown-ca", ErrorKind::client_rejected}, 0);
}
BENCHMARK(ClientRefused)->UseManualTime()->Unit(benchmark::kMillisecond);

/// From the request to stop to the return of Ensure, the process reaped.
void CancelWhileWaiting(benchmark::State& state) {
  auto world = World::Make();
  if (!world) return state.SkipWithError(world.error().c_str());
  while (state.KeepRunning()) {
    std::stop_source stop;
    std::optional<Stopwatch> watch;
    LifecycleOptions options = world->options();
    options.environment->Set("ZLAYER_FAKE_PLAN", "hang-before-line");
    options.on_phase = [&](Phase phase, auto) {
      if (phase != Phase::spawn) return;
      watch.emplace();
      stop.request_stop();
    };
    SidecarLifecycle lifecycle(world->config(), options);
    const auto live = lifecycle.Ensure(stop.get_token());
    state.SetIterationTime(watch->Seconds());
    if (live || live.error().kind != ErrorKind::cancelled) {
      return state.SkipWithError("it was not cancelled");
    }
  }
}
BENCHMARK(CancelWhileWaiting)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace zlayer::bench
