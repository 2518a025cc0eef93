// One start on a thread of its own, which any number of callers wait for and each may leave.

#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "lifecycle/src/share/sidecar.h"
#include "zlayer/sidecar/config.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// Thread-safety: any thread. The destructor waits for the start's end.
class Attempt {
 public:
  /// Both must outlive it. `on_lost`: see StartSidecar. Throws std::system_error when there is no
  /// thread to be had.
  Attempt(const SidecarConfig& config, const LifecycleOptions& options,
          std::shared_ptr<EventLoop> loop, std::function<void()> on_lost);

  /// False when `stop` was triggered first.
  bool Wait(std::stop_token stop);

  void Cancel() { thread_.request_stop(); }

  /// After Wait.
  const Result<std::shared_ptr<Sidecar>>& result() const { return *result_; }

 private:
  std::mutex mutex_;
  std::condition_variable_any done_;
  std::optional<Result<std::shared_ptr<Sidecar>>> result_;
  std::jthread thread_;  // last: it uses the others
};

/// Cancels an attempt that is no longer offered to callers, and waits until nothing is left of it.
void End(std::shared_ptr<Attempt> attempt);

}  // namespace zlayer::sidecar
