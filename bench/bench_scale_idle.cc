// What idle sidecars take from their host, over what gRPC takes for as many channels. Each is
// measured in a process of its own, so that nothing of the one is left in the other.

#include <benchmark/benchmark.h>

#include <cstdio>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "bare_fake.h"
#include "scene.h"

namespace zlayer::bench {
namespace {

/// As idle_host prints it.
struct Footprint {
  long threads = 0;
  long kib = 0;
  long keeper_kib = 0;

  double mib() const { return static_cast<double>(kib) / 1024; }
};

tl::expected<Footprint, std::string> Run(const Scene& scene, const std::string& arguments) {
  const std::string command = "env -u ZLAYER_FAKE_PLAN -u ZLAYER_FAKE_JOURNAL ZLAYER_BUILDD_BIN='" +
                              scene.binary() + "' ZLAYER_DATA_DIR='" + scene.data_dir() + "' '" +
                              scene.Beside("idle_host") + "' " + arguments;
  FILE* output = ::popen(command.c_str(), "re");
  if (output == nullptr) return tl::unexpected(std::string("idle_host cannot be started"));
  Footprint found;
  const int numbers =
      std::fscanf(output, "%ld %ld %ld", &found.threads, &found.kib, &found.keeper_kib);
  if (::pclose(output) != 0 || numbers != 3) {
    return tl::unexpected(std::string("idle_host failed; its stderr says why"));
  }
  return found;
}

tl::expected<Footprint, std::string> RunGrpc(const Scene& scene, size_t count) {
  std::vector<BareFake> fakes;
  std::string arguments = "grpc '" + scene.tls_dir() + "'";
  while (fakes.size() < count) {
    auto fake = BareFake::Start(scene);
    if (!fake) return tl::unexpected(fake.error());
    arguments += " " + fake->address();
    fakes.push_back(std::move(*fake));
  }
  return Run(scene, arguments);
}

/// Only the counters count. `threads` and `mib`: the library's own.
void IdleFootprint(benchmark::State& state) {
  auto scene = Scene::Make();
  if (!scene) return state.SkipWithError(scene.error().c_str());
  const auto count = static_cast<size_t>(state.range(0));
  while (state.KeepRunning()) {
    const auto ours = Run(*scene, "library " + std::to_string(count));
    if (!ours) return state.SkipWithError(ours.error().c_str());
    const auto grpc = RunGrpc(*scene, count);
    if (!grpc) return state.SkipWithError(grpc.error().c_str());
    state.counters["threads"] = static_cast<double>(ours->threads - grpc->threads);
    state.counters["threads_total"] = static_cast<double>(ours->threads);
    state.counters["threads_grpc"] = static_cast<double>(grpc->threads);
    state.counters["mib"] = ours->mib() - grpc->mib();
    state.counters["mib_total"] = ours->mib();
    state.counters["mib_grpc"] = grpc->mib();
    state.counters["keeper_kib"] = static_cast<double>(ours->keeper_kib);
  }
}
BENCHMARK(IdleFootprint)->ArgName("sidecars")->Arg(1)->Arg(64)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace zlayer::bench
