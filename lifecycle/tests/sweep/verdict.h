// What the sweep thinks of one run of its host.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lifecycle/tests/sweep/traced_run.h"

namespace zlayer::sidecar {

/// A failure of gRPC, or of Abseil below it, that this library cannot prevent.
struct GrpcFailure {
  std::string_view thread;
  std::string_view call;    // name of the system call that failed
  std::string_view sign;    // a part of the faults of the run, or of what gRPC printed
  std::string_view reason;  // for people: why it is gRPC's alone
};

/// All of them, as gRPC 1.51 has them. A whole sweep must meet each.
const std::vector<GrpcFailure>& KnownGrpcFailures();

/// Returns the entry that explains the faults of the run, or null.
const GrpcFailure* FindGrpcFailure(const CallId& call, const TracedRun& run);

/// Returns what is wrong with the run, in lines; empty if the library has kept its promises.
std::string Faults(const TracedRun& run);

}  // namespace zlayer::sidecar
