// Slows down starts of a sidecar that keeps failing.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "lifecycle/src/base/deadline.h"
#include "zlayer/sidecar/config.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// Pure bookkeeping: the caller brings the time. Not synchronised.
class CrashLoop {
 public:
  explicit CrashLoop(const RestartLimits& limits) : limits_(limits) {}

  /// A start failed, or a sidecar ended by itself and not cleanly.
  void Failed(Deadline now, LifecycleError cause);

  /// A sidecar did its work: failures before it do not count any more.
  void Worked();

  /// Why no start is allowed at `now`: ErrorKind::crash_loop with the last cause. Empty: one is.
  std::optional<LifecycleError> Refusal(Deadline now) const;

 private:
  const RestartLimits limits_;
  std::uint32_t failures_ = 0;  // in a row
  Deadline next_start_{};
  std::optional<LifecycleError> cause_;  // of the last
};

}  // namespace zlayer::sidecar
