// One start on a thread of its own. Any number of callers wait for it; each may stop waiting.

#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>

#include "lifecycle/src/base/thread.h"
#include "lifecycle/src/share/sidecar.h"
#include "lifecycle/src/share/start.h"
#include "zlayer/sidecar/config.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// The start needs a thread of its own because a caller whose stop token is triggered must be able
/// to return while other callers still wait for the same start.
///
/// Thread-safety: any thread. The destructor cancels the start and waits for its end.
class Attempt {
 public:
  /// Begins the start. `config` and `options` must outlive the attempt. Throws std::system_error if
  /// no thread can be created.
  Attempt(const SidecarConfig& config, const LifecycleOptions& options, Environment environment,
          std::shared_ptr<EventLoop> loop, StartHooks hooks);
  ~Attempt() { stop_.request_stop(); }
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  /// Waits for the end of the start. Returns false if `stop` was triggered or `deadline` has passed
  /// first.
  bool Wait(std::stop_token stop, Deadline deadline);

  bool HasEnded() const {
    const std::lock_guard lock(mutex_);
    return result_.has_value();
  }

  /// Asks the start to end early. Does not wait. Returns false if the start has ended already.
  /// After true it ends with an error: if its sidecar comes up nevertheless, it is killed and
  /// reaped before the end of the start.
  bool Cancel();

  /// The result of the start. Only valid once it has ended.
  const Result<std::shared_ptr<Sidecar>>& result() const { return *result_; }

 private:
  void Finish(Result<std::shared_ptr<Sidecar>> result);

  mutable std::mutex mutex_;
  std::condition_variable_any done_;
  bool cancelled_ = false;  // guarded by mutex_, as result_ is until it is set
  std::optional<Result<std::shared_ptr<Sidecar>>> result_;
  std::stop_source stop_;
  Thread thread_;  // last, so that it is joined before the members it uses go
};

}  // namespace zlayer::sidecar
