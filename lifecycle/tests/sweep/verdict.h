// What the sweep thinks of one run of its host.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lifecycle/tests/sweep/traced_run.h"

namespace zlayer::sidecar {

/// An abort of gRPC that this library cannot prevent.
struct GrpcAbort {
  std::string_view call;     // name of the system call that failed
  std::string_view message;  // a part of what gRPC prints before it aborts
  std::string_view reason;   // for people: why it is gRPC's alone
};

/// All of them. A whole sweep must meet each.
const std::vector<GrpcAbort>& KnownGrpcAborts();

/// Returns the entry that explains why the run ended, or null.
const GrpcAbort* FindGrpcAbort(const TracedRun& run, const Injection& injection);

/// Returns what is wrong with the run, in lines; empty if the library has kept its promises.
std::string Faults(const TracedRun& run);

}  // namespace zlayer::sidecar
