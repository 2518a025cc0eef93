// One start on a thread of its own. Any number of callers wait for it; each may stop waiting.

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

/// The start needs a thread of its own because a caller whose stop token is triggered must be able
/// to return while other callers still wait for the same start.
///
/// Thread-safety: any thread. The destructor cancels the start and waits for its end.
class Attempt {
 public:
  /// Begins the start. `config` and `options` must outlive the attempt. `on_lost`: see
  /// StartSidecar. Throws std::system_error if no thread can be created.
  Attempt(const SidecarConfig& config, const LifecycleOptions& options,
          std::shared_ptr<EventLoop> loop, std::function<void()> on_lost);

  /// Waits for the end of the start. Returns false if `stop` was triggered first.
  bool Wait(std::stop_token stop);

  /// Asks the start to end early. Does not wait.
  void Cancel() { thread_.request_stop(); }

  /// The result of the start. Only valid after a Wait that returned true.
  const Result<std::shared_ptr<Sidecar>>& result() const { return *result_; }

 private:
  std::mutex mutex_;
  std::condition_variable_any done_;
  std::optional<Result<std::shared_ptr<Sidecar>>> result_;
  std::jthread thread_;  // last, so that it is joined before the members it uses go
};

/// Cancels an attempt that new callers no longer join, and waits for its end. If the start
/// succeeded before the cancel took effect and no caller holds its sidecar, kills the sidecar and
/// waits until it is reaped, too.
void End(std::shared_ptr<Attempt> attempt);

}  // namespace zlayer::sidecar
