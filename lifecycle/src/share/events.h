// The events of LifecycleOptions::on_event.

#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "lifecycle/src/share/sidecar.h"
#include "zlayer/sidecar/lifecycle_event.h"

namespace zlayer::sidecar {

using OnEvent = std::function<void(const LifecycleEvent&)>;

/// Started, or restarted if `again`.
LifecycleEvent StartedEvent(const Sidecar& sidecar, bool again);

LifecycleEvent CertificatesReplacedEvent(std::string_view tls_dir, std::string_view why);

/// Reports with `on_event`, which may be empty, if the process gets SIGKILL after its grace.
void ReportEscalation(const std::shared_ptr<SidecarProcess>& process, const OnEvent& on_event);

}  // namespace zlayer::sidecar
