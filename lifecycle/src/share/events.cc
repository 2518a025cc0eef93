#include "lifecycle/src/share/events.h"

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/text/escaped.h"

namespace zlayer::sidecar {
namespace {

using Kind = LifecycleEvent::Kind;

constexpr size_t kPathShown = 300;

}  // namespace

std::string_view LifecycleEventName(LifecycleEvent::Kind kind) {
  switch (kind) {
    case Kind::started:
      return "started";
    case Kind::restarted:
      return "restarted";
    case Kind::certificates_replaced:
      return "certificates_replaced";
    case Kind::escalated:
      return "escalated";
    case Kind::gave_up:
      return "gave_up";
  }
  return "unknown";
}

LifecycleEvent StartedEvent(const Sidecar& sidecar, bool again) {
  const auto& [kind, after] =
      again ? std::pair{Kind::restarted, ", after the one before was lost or had failed"}
            : std::pair{Kind::started, ""};
  const Sidecar::Parts& parts = sidecar.parts();
  if (!parts.process) {
    return {kind, fmt::format("connected to the sidecar at {}{}", parts.address, after)};
  }
  return {kind, fmt::format("the sidecar at {} is up, process {}{}", parts.address,
                            parts.process->pid(), after)};
}

LifecycleEvent CertificatesReplacedEvent(std::string_view tls_dir, std::string_view why) {
  return {Kind::certificates_replaced, fmt::format("the certificates in {} were replaced: {}",
                                                   Escaped(tls_dir, kPathShown), why)};
}

void ReportEscalation(const std::shared_ptr<SidecarProcess>& process, const OnEvent& on_event) {
  if (!on_event) return;
  process->WhenEnded([weak = std::weak_ptr(process), pid = process->pid(), on_event] {
    const auto ended = weak.lock();
    const auto end = ended ? ended->End() : std::nullopt;
    if (!end || !end->escalated) return;
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(end->took);
    on_event({Kind::escalated,
              fmt::format("process {} did not end within its grace and got SIGKILL: it {}, {} ms "
                          "after the request to stop",
                          pid, SidecarProcess::Describe(*end), took.count())});
  });
}

}  // namespace zlayer::sidecar
