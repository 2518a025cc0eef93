// A Build of a million log lines: what the fake's stages cost it, and what our channel costs a
// client. Each is divided by a bare gRPC server and gRPC's own channel, in turns, so that both meet
// the same machine.

#include <benchmark/benchmark.h>
#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "bare_fake.h"
#include "grpc_tls.h"
#include "stopwatch.h"
#include "streams.h"
#include "world.h"
#include "zlayer/sidecar/sidecar_lifecycle.h"

namespace zlayer::bench {
namespace {

using sidecar::LiveSidecar;
using sidecar::SidecarLifecycle;

constexpr size_t kLineBytes = 100;

/// Every stage handles every byte or frame, and none has anything to change: a limit that a machine
/// does not reach, delays behind more bytes than ever come, and a GOAWAY and a status for RPCs that
/// nobody makes.
constexpr char kAllStages[] =
    "fault { bandwidth { rate_kb_s: 4294967295 direction: BOTH } } "
    "fault { latency { latency_ms: 1 direction: BOTH after_bytes: 9223372036854775807 } } "
    "fault { http2_goaway { after_streams: 1000000 } } "
    "fault { grpc_status { how: MISSING } when { skip: 1000000 } } ";

/// The bare gRPC server, and gRPC's own channel to it.
struct Bare {
  static tl::expected<Bare, std::string> Start(size_t lines) {
    auto world = World::Make();
    if (!world) return tl::unexpected(world.error());
    auto server = BareFake::StartProgram(
        *world, world->Beside("bare_server"),
        {"--lines", std::to_string(lines), "--line-bytes", std::to_string(kLineBytes)});
    if (!server) return tl::unexpected(server.error());
    auto channel = NewGrpcTlsChannel(server->address(), world->tls_dir());
    return Bare{std::move(*world), std::move(*server), std::move(channel)};
  }

  World world;
  BareFake server;
  std::shared_ptr<grpc::Channel> channel;
};

/// Seconds of one whole stream; 0 when it was cut short.
double StreamSeconds(const std::shared_ptr<grpc::Channel>& channel, size_t lines) {
  const Stopwatch watch;
  return ReadBuild(channel) == lines + 1 ? watch.Seconds() : 0;
}

/// Streams by `bare` and `subject` in turns; the times of an iteration are the subject's.
void InTurns(benchmark::State& state, const std::shared_ptr<grpc::Channel>& bare,
             const std::shared_ptr<grpc::Channel>& subject) {
  const auto lines = static_cast<size_t>(state.range(0));
  double bare_seconds = 0;
  double subject_seconds = 0;
  while (state.KeepRunning()) {
    const double floor = StreamSeconds(bare, lines);
    const double ours = StreamSeconds(subject, lines);
    if (floor == 0 || ours == 0) return state.SkipWithError("a stream was cut short");
    bare_seconds += floor;
    subject_seconds += ours;
    state.SetIterationTime(ours);
  }
  const auto all = static_cast<double>(lines) * static_cast<double>(state.iterations());
  state.counters["lines/s"] = all / subject_seconds;
  state.counters["bare_lines/s"] = all / bare_seconds;
  state.counters["of_bare"] = bare_seconds / subject_seconds;
}

/// The fake's stages, for the same client.
void Fake(benchmark::State& state, const std::string& faults) {
  const auto lines = static_cast<size_t>(state.range(0));
  auto bare = Bare::Start(lines);
  if (!bare) return state.SkipWithError(bare.error().c_str());
  auto up = Up::Make("lifetime_ms: 600000 " + faults + StreamPlan(kLineBytes, lines));
  if (!up) return state.SkipWithError(up.error().c_str());
  InTurns(state, bare->channel, NewGrpcTlsChannel((*up)->live->address(), (*up)->world.tls_dir()));
}

void FakeAllStages(benchmark::State& state) { Fake(state, kAllStages); }
void FakeHonest(benchmark::State& state) { Fake(state, ""); }

/// The library's channel, to the same server.
void LifecycleChannel(benchmark::State& state) {
  auto bare = Bare::Start(static_cast<size_t>(state.range(0)));
  if (!bare) return state.SkipWithError(bare.error().c_str());
  auto config = bare->world.config();
  config.addr = bare->server.address();
  SidecarLifecycle remote(config, bare->world.options());
  auto live = remote.Ensure();
  if (!live) return state.SkipWithError(live.error().message.c_str());
  InTurns(state, bare->channel, live->Channel());
}

/// The shorter stream is for a test that only wants to see it run.
void Lengths(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("lines")->Arg(10'000)->Arg(1'000'000)->UseManualTime()->Unit(
      benchmark::kMillisecond);
}
BENCHMARK(FakeAllStages)->Apply(&Lengths);
BENCHMARK(FakeHonest)->Apply(&Lengths);
BENCHMARK(LifecycleChannel)->Apply(&Lengths);

}  // namespace
}  // namespace zlayer::bench
