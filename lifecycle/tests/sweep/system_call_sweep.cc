// Every system call may fail: the library must return a value in time all the same.
//
//   system_call_sweep             # a sample, for ctest: prints its seed
//   system_call_sweep --seed 7    # the same sample again
//   system_call_sweep --all       # every call with every error; takes minutes
//   system_call_sweep --only "keeper zlayer-loop/epoll_ctl(add)#2 ENOMEM"   # cases with this text
//
// A host (sweep_host.cc) starts, uses and stops a sidecar under a tracer. In each case one system
// call of the library's threads fails with one of the errors that it may give (system_calls.cc), or
// succeeds 100 ms late. The library passes if the host is not ended and does not hang, if nothing
// is left, and if the next Ensure works. Calls that gRPC's own code makes on these threads count,
// too; what fails inside gRPC is listed in verdict.cc. gRPC's own threads are not swept.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <random>
#include <set>

#include "lifecycle/tests/base/temporary_directory.h"
#include "lifecycle/tests/sweep/cases.h"
#include "lifecycle/tests/sweep/verdict.h"

namespace zlayer::sidecar {
namespace {

using std::chrono::steady_clock;

/// Threads interleave in another way in each run, so one recording does not meet every call.
constexpr int kRecordings = 3;
/// A sample ends here, with the cases that it has tried by then.
constexpr std::chrono::seconds kSampleTime{40};

struct Options {
  bool all = false;
  std::string only;
  unsigned seed = std::random_device()();
};

struct Tally {
  int passed = 0;
  int not_reached = 0;  // the call was not made in that run
  int refused = 0;      // of the passed: the first Ensure returned an error
  std::vector<std::string> failed;
  std::set<const GrpcFailure*> grpc_failures;
  int failed_in_grpc = 0;
};

/// Returns the cases of all worlds; none if a run without any injection fails.
std::vector<Case> Record(Host* host) {
  std::vector<Case> cases;
  for (const World& world : Worlds()) {
    std::vector<CallId> calls;
    for (int i = 0; i <= kRecordings; ++i) {
      const TracedRun run = host->Run(world, std::nullopt);
      if (const std::string faults = Faults(run); !faults.empty()) {
        fmt::print("{}, without an injection:\n{}{}", world.name, faults, run.output);
        return {};
      }
      // The first run makes the TLS set that the others find.
      if (i > 0) calls.insert(calls.end(), run.calls.begin(), run.calls.end());
    }
    std::vector<Case> more = CasesOf(world, calls);
    fmt::print("{}: {} calls, {} cases\n", world.name,
               std::set<CallId>(calls.begin(), calls.end()).size(), more.size());
    std::move(more.begin(), more.end(), std::back_inserter(cases));
  }
  return cases;
}

void Try(const Case& tried, Host* host, Tally* tally) {
  const TracedRun run = host->Run(*tried.world, tried.injection);
  const std::string faults = Faults(run);
  if (const GrpcFailure* known = FindGrpcFailure(tried.injection.call, run);
      known != nullptr && !faults.empty()) {
    ++tally->failed_in_grpc;
    tally->grpc_failures.insert(known);
  } else if (!faults.empty()) {
    tally->failed.push_back(tried.ToString());
    fmt::print("FAILED {}\n{}{}\n", tried.ToString(), faults, run.output);
  } else if (run.injected) {
    ++tally->passed;
    tally->refused += run.output.starts_with("Ensure: a sidecar") ? 0 : 1;
  } else {
    ++tally->not_reached;
  }
  std::fflush(stdout);
}

/// An entry of gRPC's list that a whole sweep does not meet is not true any more.
bool EachGrpcFailureWasMet(const Tally& tally) {
  bool met = true;
  for (const GrpcFailure& known : KnownGrpcFailures()) {
    if (tally.grpc_failures.contains(&known)) {
      fmt::print("gRPC's own: {}/{}, \"{}\": {}\n", known.thread, known.call, known.sign,
                 known.reason);
    } else {
      fmt::print("FAILED: no {}/{} led to \"{}\"; remove it from the list of gRPC's failures\n",
                 known.thread, known.call, known.sign);
      met = false;
    }
  }
  return met;
}

int Sweep(const Options& options) {
  const TemporaryDirectory directory;
  Host host(directory.path());
  std::vector<Case> cases = Record(&host);
  if (cases.empty()) return 1;
  const bool sample = !options.all && options.only.empty();
  std::erase_if(cases, [&](const Case& one) {
    return one.ToString().find(options.only) == std::string::npos;
  });
  if (sample) {
    fmt::print("seed {}\n", options.seed);
    std::shuffle(cases.begin(), cases.end(), std::mt19937(options.seed));
  }
  Tally tally;
  size_t tried = 0;
  for (const auto begin = steady_clock::now(); tried < cases.size(); ++tried) {
    if (sample && steady_clock::now() - begin > kSampleTime) break;
    Try(cases[tried], &host, &tally);
  }
  fmt::print(
      "{} of {} cases tried: {} passed ({} of them with an error of the first Ensure), {} failed "
      "inside gRPC, {} not reached, {} failed\n{}{}",
      tried, cases.size(), tally.passed, tally.refused, tally.failed_in_grpc, tally.not_reached,
      tally.failed.size(), fmt::join(tally.failed, "\n"), tally.failed.empty() ? "" : "\n");
  const bool list_holds = !options.all || EachGrpcFailureWasMet(tally);
  return tally.failed.empty() && tally.passed > 0 && list_holds ? 0 : 1;
}

}  // namespace
}  // namespace zlayer::sidecar

int main(int argc, char** argv) {
  zlayer::sidecar::Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--all") {
      options.all = true;
    } else if (argument == "--only" && i + 1 < argc) {
      options.only = argv[++i];
    } else if (argument == "--seed" && i + 1 < argc) {
      options.seed = static_cast<unsigned>(std::stoul(argv[++i]));
    } else {
      fmt::print(stderr, "usage: system_call_sweep [--all | --seed NUMBER | --only TEXT]\n");
      return 2;
    }
  }
  return zlayer::sidecar::Sweep(options);
}
