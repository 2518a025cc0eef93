// How long the daemon waits, and how often it looks.

#pragma once

#include <chrono>

#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes::daemon {

/// The deployed daemon's limits. fault_plan.proto says what each means; a plan can change it.
struct Limits {
  std::chrono::milliseconds idle_tick{5'000};
  std::chrono::milliseconds drain{10'000};
  std::chrono::milliseconds unacknowledged{6'000};
  std::chrono::milliseconds silent{120'000};
};

/// The limits of the plan, and the deployed daemon's where the plan has none.
inline Limits LimitsOf(const v1::FaultPlan& plan) {
  Limits limits;
  const auto set = [](std::chrono::milliseconds& limit, std::uint32_t ms) {
    if (ms != 0) limit = std::chrono::milliseconds(ms);
  };
  set(limits.idle_tick, plan.idle_tick_ms());
  set(limits.drain, plan.drain_ms());
  set(limits.unacknowledged, plan.unacknowledged_ms());
  set(limits.silent, plan.silent_ms());
  return limits;
}

}  // namespace zlayer::fakes::daemon
