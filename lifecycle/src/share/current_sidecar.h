// The cached sidecar, which callers get without a start, and the record of how earlier ones ended.

#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "lifecycle/src/share/crash_loop.h"
#include "lifecycle/src/share/events.h"
#include "lifecycle/src/share/sidecar.h"
#include "lifecycle/src/share/striped_ptr.h"
#include "zlayer/sidecar/config.h"

namespace zlayer::sidecar {

/// Get is the fast path of every Ensure, and so takes no lock that all threads share; see
/// StripedPtr. Everything else happens once a start or once a loss, and takes mutex_.
///
/// Thread-safety: any thread. Callbacks on the loop's thread hold only a weak reference, so it may
/// be destroyed while they are still registered.
class CurrentSidecar : public std::enable_shared_from_this<CurrentSidecar> {
 public:
  /// `on_event` may be empty; it is called without a lock of this object and must not block.
  /// `remote`: the sidecars are not ours, and there is no backoff.
  CurrentSidecar(const RestartLimits& limits, OnEvent on_event, bool remote)
      : limits_(limits), on_event_(std::move(on_event)), remote_(remote), crash_loop_(limits) {}

  /// Returns the sidecar; null if there is none or it is not alive any more.
  std::shared_ptr<Sidecar> Get() const;

  /// Returns the error of the backoff if no sidecar may be started now; else empty.
  std::optional<LifecycleError> Refusal() const;

  /// Makes the sidecar of a successful start the current one, unless it is lost already, and
  /// watches for its end. Returns the one before, which the caller must let go without a lock held.
  [[nodiscard]] std::shared_ptr<Sidecar> Set(std::shared_ptr<Sidecar> sidecar);

  /// Records that a start has failed, for the backoff and for LifecycleEvent::Kind::restarted.
  void Failed(const LifecycleError& error);

  /// Lets go of the sidecar. It is stopped when its last handle goes.
  void Drop();

  /// Lets go of the sidecar if it is not alive any more, so that its connection and channel are
  /// closed and not kept until the next start. Called as soon as a loss is noticed.
  void DropLost();

 private:
  /// Records the end of a sidecar's process, for the backoff. On the loop's thread.
  void Ended(const SidecarProcess& process, const Loss& loss);
  void CountFailure(LifecycleError cause);

  const RestartLimits limits_;
  const OnEvent on_event_;
  const bool remote_;
  // Held by Drop and DropLost until the sidecar is destroyed, so that no caller of Drop returns
  // while another one is still about to let go of it. Taken before mutex_.
  std::mutex dropping_;
  mutable std::mutex mutex_;
  StripedPtr<Sidecar> current_;  // changed with mutex_ held
  CrashLoop crash_loop_;         // guarded by mutex_
  bool missing_ = false;         // guarded by mutex_: one was lost or failed, none is up since
};

}  // namespace zlayer::sidecar
