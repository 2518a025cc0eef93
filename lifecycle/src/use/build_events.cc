#include "lifecycle/src/use/build_events.h"

#include <fmt/format.h>

namespace zlayer::sidecar {
namespace {

using buildah_sidecar::v1::BuildEvent;

/// The event's name in the protocol, such as "stage_started".
std::string NameOf(const BuildEvent& event) {
  const auto* field = BuildEvent::descriptor()->FindFieldByNumber(event.event_case());
  return field ? field->name() : "an unknown event";
}

}  // namespace

BuildCall::Next BuildEvents::Take(const BuildEvent& event, const BuildOptions& options) {
  if (malformed()) return BuildCall::Next::abandon;  // had come before the call was cancelled
  if (end_ && !event.has_log() && !event.has_warning()) {
    intruder_ = NameOf(event);
    return BuildCall::Next::abandon;
  }
  any_ = true;
  if (event.has_finished() || event.has_error()) end_ = event;
  if (options.on_event) options.on_event(event);
  return end_ ? BuildCall::Next::end : BuildCall::Next::more;
}

std::string BuildEvents::WhyMalformed() const {
  return fmt::format(R"("{}" came after the build's "{}")", *intruder_, NameOf(*end_));
}

}  // namespace zlayer::sidecar
