// Exponential backoff between the starts of a sidecar that keeps failing. See RestartLimits.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "lifecycle/src/base/deadline.h"
#include "zlayer/sidecar/config.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// Counts failures and reads no clock: the caller passes the time. Not synchronised; the owner
/// (CurrentSidecar) holds its mutex.
class CrashLoop {
 public:
  explicit CrashLoop(const RestartLimits& limits) : limits_(limits) {}

  /// Records that a start failed, or that a sidecar ended by itself with an error.
  void Failed(Deadline now, LifecycleError cause);

  /// Records that a sidecar worked, and forgets the failures before it.
  void Worked();

  /// Returns empty if a start is allowed at `now`; else the error that Ensure returns instead, of
  /// ErrorKind::crash_loop, with the cause of the last failure.
  std::optional<LifecycleError> Refusal(Deadline now) const;

 private:
  const RestartLimits limits_;
  std::uint32_t failures_ = 0;  // in a row
  Deadline next_start_{};
  std::optional<LifecycleError> cause_;  // of the last failure
};

}  // namespace zlayer::sidecar
