// The sidecar that callers get without a start, and what its predecessors came to.

#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "lifecycle/src/share/crash_loop.h"
#include "lifecycle/src/share/sidecar.h"
#include "lifecycle/src/share/striped_ptr.h"
#include "zlayer/sidecar/config.h"

namespace zlayer::sidecar {

/// Drops a sidecar that has gone by itself as soon as that is noticed, so that nothing is held open
/// for it.
///
/// Thread-safety: any thread. The loop's callbacks hold it weakly.
class CurrentSidecar : public std::enable_shared_from_this<CurrentSidecar> {
 public:
  explicit CurrentSidecar(const RestartLimits& limits) : limits_(limits), crash_loop_(limits) {}

  /// Null when there is none or it is gone.
  std::shared_ptr<Sidecar> Get() const;

  /// Why none may be started now.
  std::optional<LifecycleError> Refusal() const;

  /// A start has succeeded.
  void Set(std::shared_ptr<Sidecar> sidecar);

  /// A start has failed.
  void Failed(const LifecycleError& error);

  /// Lets it go. The last to hold a sidecar stops it.
  void Drop();

  /// Lets it go if it is gone.
  void DropLost();

 private:
  void Ended(const SidecarProcess& process, const Liveness& liveness, Deadline since);

  const RestartLimits limits_;
  mutable std::mutex mutex_;
  StripedPtr<Sidecar> current_;  // changed with mutex_ held
  CrashLoop crash_loop_;         // guarded by mutex_
};

}  // namespace zlayer::sidecar
