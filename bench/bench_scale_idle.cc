// What idle sidecars take, their keepers included, over what gRPC takes for as many channels of its
// own with TLS. Each is measured in a process of its own, so that nothing of the one is left in the
// other.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "bare_fake.h"
#include "stopwatch.h"
#include "world.h"

namespace zlayer::bench {
namespace {

/// The four numbers that idle_host prints.
struct Footprint {
  long own_threads = 0;
  long threads = 0;
  long kib = 0;
  long keeper_kib = 0;
};

tl::expected<Footprint, std::string> Run(const World& world, const std::string& arguments) {
  const std::string command = "env -u ZLAYER_FAKE_PLAN -u ZLAYER_FAKE_JOURNAL ZLAYER_BUILDD_BIN='" +
                              world.binary() + "' ZLAYER_DATA_DIR='" + world.data_dir() + "' '" +
                              world.Beside("idle_host") + "' " + arguments;
  FILE* output = ::popen(command.c_str(), "re");
  if (output == nullptr) return tl::unexpected(std::string("idle_host cannot be started"));
  Footprint found;
  const int numbers = std::fscanf(output, "%ld %ld %ld %ld", &found.own_threads, &found.threads,
                                  &found.kib, &found.keeper_kib);
  if (::pclose(output) != 0 || numbers != 4) {
    return tl::unexpected(std::string("idle_host failed; its stderr says why"));
  }
  return found;
}

tl::expected<Footprint, std::string> RunGrpc(const World& world, size_t count) {
  std::vector<BareFake> fakes;
  std::string arguments = "grpc '" + world.tls_dir() + "'";
  while (fakes.size() < count) {
    auto fake = BareFake::Start(world);
    if (!fake) return tl::unexpected(fake.error());
    arguments += " " + fake->address();
    fakes.push_back(std::move(*fake));
  }
  return Run(world, arguments);
}

/// gRPC's threads differ by one from run to run, and so does its heap.
double Median(const std::vector<Footprint>& of, long Footprint::*field) {
  std::vector<long> values;
  for (const Footprint& footprint : of) values.push_back(footprint.*field);
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return static_cast<double>(values[values.size() / 2]);
}

/// Only the counters count, medians of one process after the other for three seconds. Judged are
/// `threads_over_grpc` and `mib`, which is negative where the library and its keepers take less.
/// `own_threads`, those that gRPC did not name, is for information: a named one would be missing.
void IdleFootprint(benchmark::State& state) {
  auto world = World::Make();
  if (!world) return state.SkipWithError(world.error().c_str());
  const auto count = static_cast<size_t>(state.range(0));
  std::vector<Footprint> ours;
  std::vector<Footprint> grpcs;
  while (state.KeepRunning()) {
    const Stopwatch watch;
    do {
      const auto library = Run(*world, "library " + std::to_string(count));
      if (!library) return state.SkipWithError(library.error().c_str());
      const auto grpc = RunGrpc(*world, count);
      if (!grpc) return state.SkipWithError(grpc.error().c_str());
      ours.push_back(*library);
      grpcs.push_back(*grpc);
    } while (watch.Seconds() < 3);
  }
  const double threads_total = Median(ours, &Footprint::threads);
  const double threads_grpc = Median(grpcs, &Footprint::threads);
  const double mib_total = Median(ours, &Footprint::kib) / 1024;
  const double mib_grpc = Median(grpcs, &Footprint::kib) / 1024;
  const double keeper_kib = Median(ours, &Footprint::keeper_kib);
  state.counters["own_threads"] = Median(ours, &Footprint::own_threads);
  state.counters["threads_over_grpc"] = threads_total - threads_grpc;
  state.counters["threads_total"] = threads_total;
  state.counters["threads_grpc"] = threads_grpc;
  state.counters["mib"] = mib_total - mib_grpc + static_cast<double>(count) * keeper_kib / 1024;
  state.counters["mib_total"] = mib_total;
  state.counters["mib_grpc"] = mib_grpc;
  state.counters["keeper_kib"] = keeper_kib;
}
BENCHMARK(IdleFootprint)->ArgName("sidecars")->Arg(1)->Arg(64)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace zlayer::bench
