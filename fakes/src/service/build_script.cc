#include "fakes/src/service/build_script.h"

#include <google/protobuf/unknown_field_set.h>

#include "fakes/src/service/honest_build.h"

namespace zlayer::fakes::daemon {
namespace {

using buildah_sidecar::v1::BuildEvent;
using buildah_sidecar::v1::BuildRequest;

void AddEvents(const BuildEvents& events, BuildScript& script) {
  for (const BuildEvent& event : events) *script.steps.emplace_back().step.mutable_event() = event;
}

/// Turns a step with `raw` or `log_bytes` into a step with an event. Keeps raw bytes as unknown
/// fields of the event, so that they are sent unchanged.
v1::BuildStep WithEvent(v1::BuildStep step) {
  if (step.has_raw()) {
    BuildEvent event;
    event.GetReflection()->MutableUnknownFields(&event)->ParseFromString(step.raw());
    *step.mutable_event() = std::move(event);
  } else if (step.has_log_bytes()) {
    const size_t size = step.log_bytes();
    step.mutable_event()->mutable_log()->set_line(std::string(size, 'x'));
  }
  return step;
}

/// `commit` becomes a step for each of its events; the first has the delay.
void AddCommitStep(const v1::BuildStep& step, const BuildRequest& request, bool cached,
                   BuildScript& script) {
  BuildEvents events;
  AddCommit(request, cached, events);
  const size_t first = script.steps.size();
  AddEvents(events, script);
  script.steps[first].step.set_delay_ms(step.delay_ms());
  script.steps[first].step.set_work(step.work());
}

}  // namespace

BuildScript ScriptOf(const v1::FaultPlan& plan, const BuildRequest& request, bool cached) {
  BuildScript script;
  for (const v1::BuildStep& step : plan.build()) {
    if (step.commit()) {
      AddCommitStep(step, request, cached, script);
    } else {
      script.steps.push_back({WithEvent(step), nullptr});
    }
  }
  if (!script.steps.empty()) return script;
  BuildEvents events;
  AddInstructions(request, cached, events);
  AddCommit(request, cached, events);
  AddEvents(events, script);
  return script;
}

bool IsEnd(const BuildEvent& event) { return event.has_finished() || event.has_error(); }

BuildScript ErrorScript(const std::string& kind, const std::string& message) {
  BuildScript script;
  auto* error = script.steps.emplace_back().step.mutable_event()->mutable_error();
  error->set_kind(kind);
  error->set_message(message);
  return script;
}

}  // namespace zlayer::fakes::daemon
