// Our TLS and relay against gRPC's own credentials: the same fake, the same calls, one run.

#include <benchmark/benchmark.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include "grpc_tls.h"
#include "stopwatch.h"
#include "streams.h"
#include "zlayer/proto/buildah_sidecar.grpc.pb.h"
#include "zlayer/sidecar/sidecar_lifecycle.h"

namespace zlayer::bench {
namespace {

using buildah_sidecar::v1::BuildService;
using buildah_sidecar::v1::HealthRequest;
using buildah_sidecar::v1::HealthResponse;
using sidecar::SidecarLifecycle;

/// From nothing to the first answer: files read, TCP, TLS, Health.
void ConnectOurs(benchmark::State& state) {
  auto up = Up::Make();
  if (!up) return state.SkipWithError(up.error().c_str());
  auto config = (*up)->world.config();
  config.addr = (*up)->live->address();
  while (state.KeepRunning()) {
    SidecarLifecycle remote(config, (*up)->world.options());
    const Stopwatch watch;
    auto live = remote.Ensure();
    state.SetIterationTime(watch.Seconds());
    if (!live) return state.SkipWithError(live.error().message.c_str());
  }
}
BENCHMARK(ConnectOurs)->UseManualTime()->Unit(benchmark::kMillisecond);

void ConnectGrpcTls(benchmark::State& state) {
  auto up = Up::Make();
  if (!up) return state.SkipWithError(up.error().c_str());
  while (state.KeepRunning()) {
    const Stopwatch watch;
    const auto channel = NewGrpcTlsChannel((*up)->live->address(), (*up)->world.tls_dir());
    grpc::ClientContext context;
    HealthResponse response;
    const auto status =
        BuildService::NewStub(channel)->Health(&context, HealthRequest(), &response);
    state.SetIterationTime(watch.Seconds());
    if (!status.ok()) return state.SkipWithError(status.error_message().c_str());
  }
}
BENCHMARK(ConnectGrpcTls)->UseManualTime()->Unit(benchmark::kMillisecond);

/// Arguments: bytes a line, lines a stream.
void Stream(benchmark::State& state, bool ours) {
  const auto line = static_cast<size_t>(state.range(0));
  const auto lines = static_cast<size_t>(state.range(1));
  auto up = Up::Make(StreamPlan(line, lines));
  if (!up) return state.SkipWithError(up.error().c_str());
  const auto channel = ours ? (*up)->live->Channel()
                            : NewGrpcTlsChannel((*up)->live->address(), (*up)->world.tls_dir());
  while (state.KeepRunning()) {
    if (ReadBuild(channel) != lines + 1) return state.SkipWithError("a stream was cut short");
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
  state.SetBytesProcessed(state.iterations() * state.range(0) * state.range(1));
}

void StreamOurs(benchmark::State& state) { Stream(state, true); }
void StreamGrpcTls(benchmark::State& state) { Stream(state, false); }

void Sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"line", "lines"})
      ->Args({100, 100'000})
      ->Args({64 * 1024, 2'000})
      ->MeasureProcessCPUTime()
      ->UseRealTime()
      ->Unit(benchmark::kMillisecond);
}
BENCHMARK(StreamOurs)->Apply(&Sizes);
BENCHMARK(StreamGrpcTls)->Apply(&Sizes);

}  // namespace
}  // namespace zlayer::bench
