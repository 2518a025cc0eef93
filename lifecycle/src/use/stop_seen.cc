#include "lifecycle/src/use/stop_seen.h"

#include <fmt/format.h>

#include "lifecycle/src/share/sidecar.h"

namespace zlayer::sidecar {

std::string StopSeen(const LiveSidecar& live) {
  const Sidecar::Parts& parts = live.sidecar_->parts();
  if (parts.liveness->alive()) return "";
  if (const auto end = parts.process ? parts.process->End() : std::nullopt) {
    return fmt::format("the sidecar {}", SidecarProcess::Describe(*end));
  }
  const auto closed = parts.relay->End();
  if (closed && closed->by != TlsEnd::By::leaving) {
    return fmt::format("the connection to the sidecar ended: {}", closed->reason);
  }
  return "the sidecar had announced that it would stop";
}

}  // namespace zlayer::sidecar
