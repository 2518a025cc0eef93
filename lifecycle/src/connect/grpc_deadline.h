// Our deadlines in gRPC's terms.

#pragma once

#include <grpc/support/time.h>

#include "lifecycle/src/base/deadline.h"

namespace zlayer::sidecar {

/// gRPC's deadlines are in wall time unless made from what is left.
inline gpr_timespec GrpcDeadlineIn(std::chrono::nanoseconds left) {
  return ::gpr_time_add(::gpr_now(GPR_CLOCK_MONOTONIC),
                        ::gpr_time_from_nanos(left.count(), GPR_TIMESPAN));
}

inline gpr_timespec GrpcDeadline(Deadline deadline) {
  return GrpcDeadlineIn(deadline - Clock::now());
}

}  // namespace zlayer::sidecar
