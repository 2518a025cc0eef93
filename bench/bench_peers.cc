// Compares the library with what a user would take instead. All do the same work on the same fake:
// from the spawn until the handshake line is read, and from SIGTERM until the fake is reaped.

#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <string>

#include "peers/peer.h"
#include "world.h"

namespace zlayer::bench {
namespace {

struct KnownPeer {
  const char* name;
  /// The Debian package that it is built with; empty: none.
  const char* package;
};

constexpr KnownPeer kPeers[] = {
    {"library", ""},         {"library_group", ""},      {"first_client", ""},
    {"posix_spawn", ""},     {"fork_exec", ""},          {"boost_process", "libboost1.81-dev"},
    {"libuv", "libuv1-dev"}, {"glib", "libglib2.0-dev"}, {"python", "python3"},
};

/// Whole cycles, whichever part is reported: both benchmarks of a peer do the same.
void Run(benchmark::State& state, const KnownPeer& known, double CycleTimes::*part) {
  const MakePeer make = FindPeer(known.name);
  if (make == nullptr) {
    return state.SkipWithError(("built without " + std::string(known.package)).c_str());
  }
  auto world = World::Make();
  if (!world) return state.SkipWithError(world.error().c_str());
  const auto peer = make();
  while (state.KeepRunning()) {
    const auto times = peer->Cycle(*world);
    if (!times) return state.SkipWithError(times.error().c_str());
    state.SetIterationTime((*times).*part);
  }
}

void Register(const std::string& benchmark, double CycleTimes::*part) {
  for (const KnownPeer& known : kPeers) {
    benchmark::RegisterBenchmark(
        (benchmark + "/" + known.name).c_str(),
        [&known, part](benchmark::State& state) { Run(state, known, part); })
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
  }
}

[[maybe_unused]] const bool kRegistered = [] {
  // The peers' fakes inherit the environment; the library's are honest and keep no journal.
  ::unsetenv("ZLAYER_FAKE_PLAN");
  ::unsetenv("ZLAYER_FAKE_JOURNAL");
  Register("SpawnToLine", &CycleTimes::spawn_to_line);
  Register("TermToReaped", &CycleTimes::term_to_reaped);
  return true;
}();

}  // namespace
}  // namespace zlayer::bench
