// One start of a sidecar, from finding its binary to the first answered RPC.

#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>

#include "lifecycle/src/base/event_loop.h"
#include "lifecycle/src/share/sidecar.h"
#include "zlayer/sidecar/config.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// What the lifecycle wants of a start.
struct StartHooks {
  /// Called on the loop's thread, once, if the sidecar is lost after a successful start (see
  /// Liveness).
  std::function<void(std::shared_ptr<const Loss>)> on_lost;
  StderrFlow stderr_flow;
};

/// Starts a sidecar, or dials a remote one if `config.addr` is set. Runs on the thread of an
/// Attempt and blocks; see SidecarLifecycle::Ensure for the limits. `environment` counts, and not
/// `options.environment` or that of this process. Triggering `stop` ends it early
/// with ErrorKind::cancelled. The callbacks of `options` must not block. After an error the
/// sidecar's process, if there was one, has been reaped. If memory runs out, the error is
/// spawn_failed.
Result<std::shared_ptr<Sidecar>> StartSidecar(const SidecarConfig& config,
                                              const LifecycleOptions& options,
                                              const Environment& environment,
                                              const std::shared_ptr<EventLoop>& loop,
                                              const StartHooks& hooks, const std::stop_token& stop);

}  // namespace zlayer::sidecar
