#include "lifecycle/src/share/crash_loop.h"

#include <algorithm>

#include "lifecycle/src/base/make_error.h"

namespace zlayer::sidecar {
namespace {

/// The pause after `beyond` failures more than RestartLimits::free_restarts; `beyond` is at
/// least 1.
std::chrono::milliseconds Pause(const RestartLimits& limits, std::uint32_t beyond) {
  auto pause = limits.first_pause;
  for (std::uint32_t i = 1; i < beyond && pause < limits.longest_pause; ++i) {
    // Twice the pause could be more than the type holds.
    pause = pause > limits.longest_pause / 2 ? limits.longest_pause : pause * 2;
  }
  return std::min(pause, limits.longest_pause);
}

}  // namespace

void CrashLoop::Failed(Deadline now, LifecycleError cause) {
  ++failures_;
  cause_ = std::move(cause);
  if (failures_ > limits_.free_restarts) {
    next_start_ = DeadlineIn(Pause(limits_, failures_ - limits_.free_restarts), now);
  }
}

void CrashLoop::Worked() {
  failures_ = 0;
  cause_.reset();
}

std::optional<LifecycleError> CrashLoop::Refusal(Deadline now) const {
  if (!cause_ || failures_ <= limits_.free_restarts || now >= next_start_) return std::nullopt;
  LifecycleError refusal = *cause_;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_start_ - now);
  refusal.kind = ErrorKind::crash_loop;
  refusal.message =
      fmt::format("{} failures in a row; the next start is allowed in {} ms; the last failure: {}",
                  failures_, left.count(), cause_->message);
  refusal.retry_after = left;
  return refusal;
}

}  // namespace zlayer::sidecar
