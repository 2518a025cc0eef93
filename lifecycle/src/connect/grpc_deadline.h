// Deadlines in the form that gRPC takes.

#pragma once

#include <grpc/support/time.h>

#include "lifecycle/src/base/deadline.h"

namespace zlayer::sidecar {

/// gRPC takes std::chrono deadlines in wall-clock time only, which jumps when the clock is set. So
/// this function makes a gpr_timespec of the monotonic clock, from the time left. kNever becomes
/// gRPC's infinite future.
inline gpr_timespec GrpcDeadline(Deadline deadline) {
  if (deadline == kNever) return ::gpr_inf_future(GPR_CLOCK_MONOTONIC);
  const std::chrono::nanoseconds left = deadline - Clock::now();
  return ::gpr_time_add(::gpr_now(GPR_CLOCK_MONOTONIC),
                        ::gpr_time_from_nanos(left.count(), GPR_TIMESPAN));
}

}  // namespace zlayer::sidecar
