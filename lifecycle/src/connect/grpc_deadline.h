// Deadlines in the form that gRPC takes.

#pragma once

#include <grpc/support/time.h>

#include "lifecycle/src/base/deadline.h"

namespace zlayer::sidecar {

/// gRPC takes std::chrono deadlines in wall-clock time only, which jumps when the clock is set. So
/// these functions make a gpr_timespec of the monotonic clock, from the time left.
inline gpr_timespec GrpcDeadlineIn(std::chrono::nanoseconds left) {
  return ::gpr_time_add(::gpr_now(GPR_CLOCK_MONOTONIC),
                        ::gpr_time_from_nanos(left.count(), GPR_TIMESPAN));
}

inline gpr_timespec GrpcDeadline(Deadline deadline) {
  return GrpcDeadlineIn(deadline - Clock::now());
}

}  // namespace zlayer::sidecar
