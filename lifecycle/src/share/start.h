// One start, from discovery to the first answered RPC.

#pragma once

#include <memory>
#include <stop_token>

#include "lifecycle/src/base/event_loop.h"
#include "lifecycle/src/share/sidecar.h"
#include "zlayer/sidecar/config.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// Blocks; see SidecarLifecycle::Ensure for limits. After an error the process, if there was one,
/// has been reaped.
Result<std::shared_ptr<Sidecar>> StartSidecar(const SidecarConfig& config,
                                              const LifecycleOptions& options,
                                              const std::shared_ptr<EventLoop>& loop,
                                              const std::function<void()>& on_lost,
                                              const std::stop_token& stop);

}  // namespace zlayer::sidecar
