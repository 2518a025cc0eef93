// Our TLS and relay against gRPC's own credentials: the same fake, the same calls, one run.

#include <benchmark/benchmark.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "grpc_tls.h"
#include "scene.h"
#include "stopwatch.h"
#include "zlayer/proto/buildah_sidecar.grpc.pb.h"
#include "zlayer/sidecar/sidecar_lifecycle.h"

namespace zlayer::bench {
namespace {

using buildah_sidecar::v1::BuildEvent;
using buildah_sidecar::v1::BuildRequest;
using buildah_sidecar::v1::BuildService;
using buildah_sidecar::v1::HealthRequest;
using buildah_sidecar::v1::HealthResponse;
using sidecar::LiveSidecar;
using sidecar::SidecarLifecycle;

/// A fake that runs, and our connection to it.
struct Up {
  explicit Up(Scene in) : scene(std::move(in)), lifecycle(scene.config(), scene.options()) {}

  static tl::expected<std::unique_ptr<Up>, std::string> Make(const std::string& plan = {}) {
    auto scene = Scene::Make(plan);
    if (!scene) return tl::unexpected(std::move(scene.error()));
    auto up = std::make_unique<Up>(std::move(*scene));
    auto live = up->lifecycle.Ensure();
    if (!live) return tl::unexpected(live.error().message);
    up->live = *live;
    return up;
  }

  Scene scene;
  SidecarLifecycle lifecycle;
  std::optional<LiveSidecar> live;
};

/// From nothing to the first answer: files read, TCP, TLS, Health.
void ConnectOurs(benchmark::State& state) {
  auto up = Up::Make();
  if (!up) return state.SkipWithError(up.error().c_str());
  auto config = (*up)->scene.config();
  config.addr = (*up)->live->address();
  while (state.KeepRunning()) {
    SidecarLifecycle remote(config, (*up)->scene.options());
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
    const auto channel = NewGrpcTlsChannel((*up)->live->address(), (*up)->scene.tls_dir());
    grpc::ClientContext context;
    HealthResponse response;
    const auto status =
        BuildService::NewStub(channel)->Health(&context, HealthRequest(), &response);
    state.SetIterationTime(watch.Seconds());
    if (!status.ok()) return state.SkipWithError(status.error_message().c_str());
  }
}
BENCHMARK(ConnectGrpcTls)->UseManualTime()->Unit(benchmark::kMillisecond);

/// Lines of this size, as many as make a stream long enough to measure.
std::string StreamPlan(size_t line, size_t lines) {
  return "build { repeat: " + std::to_string(lines) + " event { log { line: \"" +
         std::string(line, 'x') + "\" } } } build { event { finished { image_id: \"i\" } } }";
}

/// Events of one Build; 0 when it failed.
size_t ReadBuild(BuildService::Stub* stub) {
  grpc::ClientContext context;
  BuildRequest request;
  request.add_dockerfile_paths("Dockerfile");
  const auto reader = stub->Build(&context, request);
  size_t events = 0;
  BuildEvent event;
  while (reader->Read(&event)) ++events;
  return reader->Finish().ok() ? events : 0;
}

/// Arguments: bytes a line, lines a stream.
void Stream(benchmark::State& state, bool ours) {
  const auto line = static_cast<size_t>(state.range(0));
  const auto lines = static_cast<size_t>(state.range(1));
  auto up = Up::Make(StreamPlan(line, lines));
  if (!up) return state.SkipWithError(up.error().c_str());
  const auto channel = ours ? (*up)->live->Channel()
                            : NewGrpcTlsChannel((*up)->live->address(), (*up)->scene.tls_dir());
  const auto stub = BuildService::NewStub(channel);
  while (state.KeepRunning()) {
    if (ReadBuild(stub.get()) != lines + 1) return state.SkipWithError("a stream was cut short");
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
